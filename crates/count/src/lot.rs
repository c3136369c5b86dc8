//! The published order that breaks ties nothing else breaks. Where the order comes from is not known here:
//! it is drawn from a public seed and passed in.

use crate::outcome::Refusal;

/// One order of all options; earlier is favoured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    place: Vec<usize>,
}

impl Lot {
    /// The order of the ballot itself.
    pub fn ballot_order(options: usize) -> Self {
        Lot { place: (0..options).collect() }
    }

    /// An order as a list of options, the most favoured first.
    ///
    /// # Errors
    /// When it does not name every option exactly once.
    pub fn from_order(order: &[usize], options: usize) -> Result<Self, Refusal> {
        let mut place = vec![usize::MAX; options];
        for (position, &option) in order.iter().enumerate() {
            match place.get_mut(option) {
                Some(p) if *p == usize::MAX => *p = position,
                _ => {
                    return Err(Refusal::new(format!(
                        "The lot order names option {} twice, or the ballot does not have it.",
                        option + 1
                    )));
                }
            }
        }
        if order.len() != options {
            return Err(Refusal::new(format!(
                "The lot order names {} of {options} options. It must name every one once.",
                order.len()
            )));
        }
        Ok(Lot { place })
    }

    /// The options, the most favoured first.
    pub fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.place.len()).collect();
        order.sort_unstable_by_key(|o| self.place[*o]);
        order
    }

    /// Position of an option; smaller is favoured.
    pub fn place(&self, option: usize) -> usize {
        self.place.get(option).copied().unwrap_or(usize::MAX)
    }

    /// The most favoured of `tied`.
    pub fn favoured(&self, tied: &[usize]) -> Option<usize> {
        tied.iter().copied().min_by_key(|o| self.place(*o))
    }

    /// The least favoured of `tied`.
    pub fn last(&self, tied: &[usize]) -> Option<usize> {
        tied.iter().copied().max_by_key(|o| self.place(*o))
    }

    /// The same order, but with `option` behind (or, if `before`, in front of) all of `tied`.
    pub(crate) fn moved(&self, option: usize, tied: &[usize], before: bool) -> Lot {
        let mut order: Vec<usize> = self.order().into_iter().filter(|o| *o != option).collect();
        let tied = crate::rules::among(self.place.len(), tied);
        let places = order.iter().enumerate().filter(|(_, o)| tied[**o]).map(|(i, _)| i);
        let at = if before { places.min().unwrap_or(0) } else { places.max().map_or(order.len(), |i| i + 1) };
        order.insert(at, option);
        Lot::from_order(&order, self.place.len()).unwrap_or_else(|_| self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_names_every_option_once() {
        assert!(Lot::from_order(&[0, 1], 3).is_err());
        assert!(Lot::from_order(&[0, 0, 1], 3).is_err());
        assert!(Lot::from_order(&[0, 7, 1], 3).is_err());
        let lot = Lot::from_order(&[2, 0, 1], 3).unwrap();
        assert_eq!((lot.favoured(&[0, 1]), lot.last(&[0, 2])), (Some(0), Some(0)));
        assert_eq!(lot.moved(2, &[2, 1], false).order(), [0, 1, 2]);
        assert_eq!(lot.moved(1, &[2, 1], true).order(), [1, 2, 0]);
    }
}
