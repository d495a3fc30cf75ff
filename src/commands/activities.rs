//! `padel activities`: the club's catalogue, with what is in use marked.

use super::{
    Context,
    choose::{self, Refusal},
};
use crate::{
    cli,
    config::Settings,
    error::Error,
    gladstone::{Failure, Site},
    output::{Activities, Named},
};

pub(super) async fn run(
    args: &cli::Activities,
    settings: &Settings,
    context: &Context<'_>,
) -> Result<Activities, Error> {
    let portal = context.portal(settings)?;
    // Whoever comes here wants to know what there is now.
    portal.distrust_kept();
    let sites = portal.sites().await;
    // A club that lists its activities but not its sites.
    let unlisted = matches!(sites, Err(Failure::Absent { .. })) && !settings.sites.value.is_empty();
    let sites = if unlisted {
        settings
            .sites
            .value
            .iter()
            .map(|id| Site {
                id: id.clone(),
                name: String::new(),
            })
            .collect()
    } else {
        sites?
    };
    let mut warnings = Vec::new();
    let used_sites = match choose::sites(&portal, settings, unlisted).await {
        // Whoever has wrong ids in the settings, or another sport, comes here to find the right
        // ones.
        Err(Refusal::Unknown(unknown)) if args.site.is_empty() => {
            warnings.push(format!("{}; all sites are listed", unknown.message));
            sites.iter().map(|site| site.id.clone()).collect()
        }
        chosen => chosen?,
    };
    let used = match choose::activities(&portal, settings, &used_sites, false).await {
        Err(Refusal::Unknown(_)) => Vec::new(),
        chosen => chosen?,
    };
    let catalogue = portal.activities(&used_sites).await?;
    let total = catalogue.len();
    let mut activities: Vec<Named> = catalogue
        .into_iter()
        .map(|entry| Named {
            used: used.contains(&entry.id),
            id: entry.id,
            name: entry.name,
            description: entry.description,
        })
        .filter(|entry| args.all || entry.used || used.is_empty())
        .collect();
    activities.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    let sites = sites
        .into_iter()
        .map(|site| Named {
            used: used_sites.contains(&site.id),
            id: site.id,
            name: site.name,
            description: String::new(),
        })
        .collect();
    Ok(Activities {
        club: settings.club()?.clone(),
        more: total - activities.len(),
        sites,
        activities,
        sport: settings.sport.value.clone(),
        warnings: [
            portal.trust_warnings(),
            warnings,
            portal.gaps(),
            portal.clock_warning().into_iter().collect(),
        ]
        .concat(),
    })
}
