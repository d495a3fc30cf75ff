//! `padel activities`: the club's catalogue, with a mark on what is in use.

use super::{
    Context,
    selection::{SelectionError, select_activities, select_sites},
};
use crate::{
    cli,
    config::Settings,
    error::Error,
    gladstone::{Failure, Site},
    output::{ActivitiesReport, CatalogueEntry},
    sort::sort_by,
};

pub(super) async fn run(
    args: &cli::Activities,
    settings: &Settings,
    context: &Context<'_>,
) -> Result<ActivitiesReport, Error> {
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
    let used_sites = match select_sites(&portal, settings, unlisted).await {
        // Whoever has wrong ids in the settings, or another sport, comes here to find the right
        // ones.
        Err(SelectionError::Unknown(unknown)) if args.site.is_empty() => {
            warnings.push(format!("{}; all sites are listed", unknown.message));
            sites.iter().map(|site| site.id.clone()).collect()
        }
        chosen => chosen?,
    };
    let used = match select_activities(&portal, settings, &used_sites, false).await {
        Err(SelectionError::Unknown(_)) => Vec::new(),
        chosen => chosen?,
    };
    let catalogue = portal.activities(&used_sites).await?;
    let total = catalogue.len();
    let mut activities: Vec<CatalogueEntry> = catalogue
        .into_iter()
        .map(|entry| CatalogueEntry {
            used: used.contains(&entry.id),
            id: entry.id,
            name: entry.name,
            description: entry.description,
        })
        .filter(|entry| args.all || entry.used || used.is_empty())
        .collect();
    sort_by(&mut activities, |a, b| {
        (&a.name, &a.id).cmp(&(&b.name, &b.id))
    });
    let sites = sites
        .into_iter()
        .map(|site| CatalogueEntry {
            used: used_sites.contains(&site.id),
            id: site.id,
            name: site.name,
            description: String::new(),
        })
        .collect();
    Ok(ActivitiesReport {
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
