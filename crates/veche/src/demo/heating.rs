//! “How do we heat the house when the gas boiler is gone?”: two opinion groups and a small dissent.

use super::{Saying, Scene};

/// Groups: those who would change soon and for good; those who want to wait; and few who object to
/// having their flats worked on at all.
pub(super) const SCENE: Scene = Scene {
    title: "How do we heat the house when the gas boiler is gone?",
    why: "Our boiler is 24 years old and the chimney sweep gives it two more winters. An order takes a year to be \
          delivered, so we have to choose this winter.",
    decides: "All members vote in February; the vote binds the board. The board answers within 30 days after it.",
    groups: &[33, 24, 9],
    asked: 82,
    closes_in_days: 26,
    sayings: &[
        Saying(
            "Whatever we choose, nobody may sit in a cold flat for more than a day.",
            &[(95, 1), (96, 1), (94, 2)],
        ),
        Saying("I want to know my own share of the cost before I vote.", &[(88, 4), (95, 1), (93, 2)]),
        Saying("We should leave gas for good.", &[(93, 2), (28, 54), (40, 34)]),
        Saying("A heat pump for the whole house is the right answer.", &[(82, 6), (20, 58), (18, 62)]),
        Saying(
            "The district heating will come anyway; we should wait for it.",
            &[(14, 70), (76, 10), (54, 24)],
        ),
        Saying("We can wait until the boiler really breaks.", &[(5, 88), (62, 22), (44, 34)]),
        Saying("Insulating the roof comes before any new boiler.", &[(74, 12), (70, 14), (34, 40)]),
        Saying(
            "Nobody should have to let workers into the flat against their will.",
            &[(22, 60), (40, 36), (95, 2)],
        ),
        Saying("New radiators in every flat are a price worth paying.", &[(74, 12), (34, 46), (4, 92)]),
        Saying("Those with small pensions need help from the reserve.", &[(84, 5), (78, 8), (86, 4)]),
        Saying("The reserve is there for exactly this.", &[(72, 12), (56, 22), (50, 24)]),
        Saying("Solar panels on our roof should be part of the plan.", &[(88, 4), (58, 20), (48, 26)]),
        Saying("I do not believe the promised savings.", &[(16, 66), (78, 8), (72, 12)]),
        Saying("A second, independent adviser should check the offers.", &[(78, 8), (86, 4), (80, 6)]),
        Saying("A loan over twenty years is acceptable.", &[(66, 16), (26, 56), (30, 50)]),
        Saying("We owe it to our grandchildren.", &[(86, 4), (46, 28), (50, 26)]),
        Saying("Pellets would suit our cellar better than anything else.", &[(18, 48), (36, 28), (22, 40)]),
        Saying("19 degrees at night are warm enough.", &[(70, 16), (52, 32), (28, 60)]),
        Saying("The noise of a heat pump in the courtyard worries me.", &[(26, 56), (74, 12), (70, 14)]),
        Saying("We should visit a house that has already done it.", &[(90, 2), (84, 4), (78, 8)]),
        Saying("The board has informed us well so far.", &[(56, 22), (40, 38), (20, 62)]),
    ],
};
