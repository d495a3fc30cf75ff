//! Start times of a day's slots.

use super::venue::{Activity, Hours};

/// Minutes after opening at which the slots of an activity start; the last one ends by closing
/// time.
pub(crate) fn slot_starts(hours: Hours, activity: &Activity) -> impl Iterator<Item = u32> + use<> {
    let (minutes, open_for) = (activity.minutes, hours.close - hours.open);
    (0..open_for)
        .step_by(activity.every as usize)
        .take_while(move |offset| offset + minutes <= open_for)
}
