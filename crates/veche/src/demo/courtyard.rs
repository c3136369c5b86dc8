//! “Should cars leave our courtyard?”: three opinion groups, common ground on safety and on help for
//! those who need a car.

use super::{Saying, Scene};

/// Groups: those who want a garden; those who need or like their parking place; those who mind the
/// cost most.
pub(super) const SCENE: Scene = Scene {
    title: "Should cars leave our courtyard?",
    why: "The paving is worn out and must be renewed next spring. Before we pay for the same courtyard again, we \
          want to know which courtyard we want.",
    decides: "The general meeting on the renovation votes on it. The board has promised to put the result of this \
              talk first on the agenda, and to answer in writing what it takes up and what it does not.",
    groups: &[36, 27, 17],
    asked: 78,
    closes_in_days: 12,
    sayings: &[
        Saying(
            "Children should be able to cross the courtyard without looking out for cars.",
            &[(94, 2), (74, 12), (83, 6)],
        ),
        Saying(
            "Whoever cannot walk far must always be able to be driven to the door.",
            &[(88, 4), (96, 1), (90, 3)],
        ),
        Saying("All parking places in the courtyard should go.", &[(78, 10), (5, 90), (22, 50)]),
        Saying(
            "A courtyard without cars would make our homes better to live in.",
            &[(95, 2), (18, 66), (48, 24)],
        ),
        Saying("I could not do my work without a car at the house.", &[(6, 86), (72, 16), (24, 62)]),
        Saying(
            "Half of the places could go if the other half is shared by those who need one.",
            &[(70, 16), (46, 38), (64, 18)],
        ),
        Saying(
            "The water should seep away instead of running into the cellar.",
            &[(90, 2), (80, 4), (86, 3)],
        ),
        Saying("Trees matter more to me than parking places.", &[(92, 3), (14, 70), (44, 30)]),
        Saying("The rents must not rise because of this.", &[(48, 22), (66, 12), (97, 1)]),
        Saying(
            "We should first ask what each variant costs, and only then talk about taste.",
            &[(40, 36), (62, 18), (95, 2)],
        ),
        Saying(
            "Renewing the paving as it was is the most sensible thing to do.",
            &[(5, 84), (74, 12), (58, 22)],
        ),
        Saying("There should be a car that all of us can share.", &[(80, 8), (30, 46), (52, 22)]),
        Saying("Visitors and tradespeople need a place to stop.", &[(70, 10), (94, 2), (82, 5)]),
        Saying("The bicycles need a roof and a stand that locks.", &[(93, 2), (58, 16), (66, 12)]),
        Saying("It is quiet enough in the courtyard today.", &[(20, 64), (70, 14), (54, 24)]),
        Saying(
            "Those who park here should pay what the space really costs.",
            &[(76, 10), (10, 80), (60, 20)],
        ),
        Saying("We should try it for one summer before anything is built.", &[(74, 12), (56, 28), (80, 8)]),
        Saying("Nobody listens to us older people in this matter.", &[(14, 56), (52, 22), (26, 40)]),
        Saying("A play corner would bring noise under my window.", &[(16, 70), (50, 28), (34, 38)]),
        Saying("The fire brigade must be able to get in, whatever we build.", &[(92, 1), (95, 1), (93, 1)]),
        Saying("We can do part of the work ourselves on weekends.", &[(72, 12), (34, 42), (44, 34)]),
        Saying("A charging point for electric cars belongs into the plan.", &[(32, 44), (66, 14), (28, 50)]),
        Saying("The bins stand in the wrong place.", &[(48, 16), (44, 18), (46, 18)]),
        Saying("If we do nothing for ten years, that is fine as well.", &[(3, 92), (30, 48), (36, 42)]),
        Saying("The decision should need two thirds of the meeting.", &[(24, 56), (68, 14), (50, 26)]),
        Saying("A bench under the lime tree costs little and helps at once.", &[(91, 2), (76, 6), (84, 4)]),
    ],
};
