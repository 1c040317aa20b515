//! What runs in every Region and with which role: two calls a Region, a third for ECS and one for each family of task
//! definitions there.

use std::collections::BTreeMap;

use futures_util::future::{join_all, join3};
use probity_model::Gap;
use probity_model::facts::Compute;
use probity_model::facts::compute::RegionCompute;

use super::enabled_regions::Places;
use super::{functions, instances, task_definitions};
use crate::reader::Reader;

pub(crate) async fn read(reader: &Reader<'_>, places: &Places) -> Result<Compute, Gap> {
    let in_region = |region| {
        let all = join3(
            instances::read(reader, region),
            functions::read(reader, region),
            task_definitions::read(reader, region),
        );
        async move {
            let (instances, functions, task_definitions) = all.await;
            RegionCompute {
                instances: instances.into(),
                functions: functions.into(),
                task_definitions: task_definitions.into(),
            }
        }
    };
    let read = join_all(places.asked.iter().map(in_region)).await;
    let mut regions: BTreeMap<_, _> = places.asked.iter().cloned().zip(read).collect();
    for (region, gap) in &places.left_out {
        regions.insert(region.clone(), RegionCompute::missing(&gap.clone().in_region(region)));
    }
    Ok(Compute { regions })
}

/// How much there is.
pub(crate) fn count(compute: &Compute) -> usize {
    compute.instances().count() + compute.functions().count() + compute.task_definitions().count()
}
