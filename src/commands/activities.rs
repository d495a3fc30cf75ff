//! `padel activities`: the club's catalogue, with what is in use marked.

use super::{
    Context,
    choose::{Belief, choose},
};
use crate::{
    cli,
    config::Settings,
    error::{Code, Error},
    output::{Activities, Named},
};

pub(super) async fn run(
    args: &cli::Activities,
    settings: &Settings,
    context: &Context<'_>,
) -> Result<Activities, Error> {
    let portal = context.portal(settings)?;
    let sites = portal.sites().await?;
    let chosen = match choose(&portal, settings, Belief::Nothing).await {
        Ok(chosen) => Some(chosen),
        // Whoever has wrong ids in the settings, or another sport, comes here to find the right ones.
        Err(error) if error.code == Code::NotFound && args.site.is_empty() => None,
        Err(error) => return Err(error),
    };
    let all: Vec<String> = sites.iter().map(|site| site.id.clone()).collect();
    let (used_sites, used) = match &chosen {
        Some(chosen) => (chosen.sites.clone(), chosen.activities.clone()),
        None => (all, Vec::new()),
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
        warnings: portal.gaps(),
    })
}
