//! What a room keeps in memory between requests: one value of each type. A copy of something that is true elsewhere, or
//! cheap to lose: nodes share nothing but the database.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// One value per type, made when it is first asked for.
#[derive(Default)]
pub struct Kept(RwLock<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Kept {
    /// The value of type `T`.
    pub fn get<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&TypeId::of::<T>()).cloned();
        let kept = known.unwrap_or_else(|| {
            let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
            all.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default())).clone()
        });
        // Every value lies under its own type.
        kept.downcast().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn the_same_value_is_found_again_and_each_type_has_its_own() {
        let kept = Kept::default();
        kept.get::<AtomicU32>().fetch_add(1, Ordering::Relaxed);
        assert_eq!(kept.get::<AtomicU32>().load(Ordering::Relaxed), 1);
        assert!(!kept.get::<std::sync::atomic::AtomicBool>().load(Ordering::Relaxed));
    }
}
