#![allow(missing_docs, clippy::needless_range_loop)]
use crate::responses::{AGREE, DISAGREE, Responses, SLOTS, Word, with_words};
use crate::simulate::mix;

#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub pass: f64,
    pub rounds: usize,
    pub loading: f64,
    pub learn: bool,
    pub lean: f64,
    pub seed: u64,
}
impl Default for Options {
    fn default() -> Self {
        Options { pass: 0.0, rounds: 40, loading: 1.0, learn: true, lean: 0.3, seed: 0 }
    }
}

pub fn inverse<const D: usize>(a: &[[f64; D]; D]) -> [[f64; D]; D] {
    // Gauss-Jordan, SPD: no pivoting needed.
    let mut m = *a;
    let mut inv = [[0.0; D]; D];
    for i in 0..D {
        inv[i][i] = 1.0;
    }
    for p in 0..D {
        let d = 1.0 / m[p][p];
        for c in 0..D {
            m[p][c] *= d;
            inv[p][c] *= d;
        }
        for r in 0..D {
            if r != p {
                let f = m[r][p];
                for c in 0..D {
                    m[r][c] -= f * m[p][c];
                    inv[r][c] -= f * inv[p][c];
                }
            }
        }
    }
    inv
}

#[derive(Clone, Copy)]
pub struct Gauss<const D: usize> {
    pub m: [f64; D],
    pub c: [[f64; D]; D],
}

/// mean and second moment of the logit
pub fn moments<const D: usize>(p: &Gauss<D>, s: &Gauss<D>) -> (f64, f64) {
    let mut mean = p.m[0] + s.m[0];
    let mut var = p.c[0][0] + s.c[0][0];
    for k in 1..D {
        mean += p.m[k] * s.m[k];
        var += 2.0 * (p.c[0][k] * s.m[k] + s.c[0][k] * p.m[k]);
        for l in 1..D {
            var += p.m[k] * s.c[k][l] * p.m[l] + s.m[k] * p.c[k][l] * s.m[l] + p.c[k][l] * s.c[k][l];
        }
    }
    (mean, var.max(0.0))
}

fn weight(xi2: f64) -> f64 {
    // 2λ(ξ) = tanh(ξ/2)/(2ξ)
    let xi = xi2.sqrt();
    if xi < 1e-4 { 0.25 } else { libm::tanh(xi / 2.0) / (2.0 * xi) }
}

#[derive(Clone, Copy)]
pub struct Stats<const D: usize> {
    pub p: [[f64; D]; D],
    pub r: [f64; D],
}
impl<const D: usize> Stats<D> {
    pub fn prior(mean: &[f64; D], var: &[f64; D]) -> Self {
        let mut p = [[0.0; D]; D];
        let mut r = [0.0; D];
        for k in 0..D {
            p[k][k] = 1.0 / var[k];
            r[k] = mean[k] / var[k];
        }
        Stats { p, r }
    }
    /// adds one observation seen from the side whose other end is `other`
    pub fn add(&mut self, other: &Gauss<D>, w: f64, kappa: f64) {
        // features f = (1, other.m[1..]), offset other.m[0]
        let o = other.m[0];
        self.p[0][0] += w;
        self.r[0] += kappa - w * o;
        for k in 1..D {
            self.p[0][k] += w * other.m[k];
            self.r[k] += kappa * other.m[k] - w * (o * other.m[k] + other.c[0][k]);
            for l in 1..D {
                self.p[k][l] += w * (other.m[k] * other.m[l] + other.c[k][l]);
            }
        }
    }
    pub fn solve(&self) -> Gauss<D> {
        let mut p = self.p;
        for k in 1..D {
            p[k][0] = p[0][k];
        }
        let c = inverse(&p);
        let mut m = [0.0; D];
        for i in 0..D {
            for j in 0..D {
                m[i] += c[i][j] * self.r[j];
            }
        }
        Gauss { m, c }
    }
}

pub struct Model<const D: usize> {
    pub people: Vec<Gauss<D>>,
    pub statements: Vec<Gauss<D>>,
    pub nobody: Gauss<D>,
    pub nothing: Gauss<D>,
}

pub fn fit<const D: usize>(train: &Responses, o: Options) -> Model<D> {
    let cols = train.columns();
    let mut obs: Vec<Vec<(usize, f64, f64)>> = Vec::new();
    for row in 0..train.rows() {
        let range = train.offsets[row]..train.offsets[row + 1];
        obs.push(
            range
                .filter_map(|at| {
                    let slot = with_words!(train, words => words[at].slot());
                    let col = slot / SLOTS;
                    match slot % SLOTS {
                        AGREE => Some((col, 0.5, 1.0)),
                        DISAGREE => Some((col, -0.5, 1.0)),
                        _ => (o.pass > 0.0).then_some((col, 0.0, o.pass)),
                    }
                })
                .collect(),
        );
    }
    let mut pmean = [0.0; D];
    let mut pvar = [1.0; D];
    pvar[0] = o.lean;
    let mut smean = [0.0; D];
    let mut svar = [o.loading; D];
    svar[0] = 2.0;
    let diag = |v: &[f64; D]| {
        let mut c = [[0.0; D]; D];
        for k in 0..D {
            c[k][k] = v[k];
        }
        c
    };
    let mut statements: Vec<Gauss<D>> = (0..cols)
        .map(|j| {
            let mut m = [0.0; D];
            for k in 1..D {
                let h = mix(o.seed ^ mix((u64::from(train.statements[j]) << 8) | k as u64));
                m[k] = (h >> 11) as f64 / (1u64 << 53) as f64 * 2.0 - 1.0;
            }
            let mut c = diag(&svar);
            for k in 0..D { c[k][k] = 0.05; }
            Gauss { m, c }
        })
        .collect();
    let mut people: Vec<Gauss<D>> = vec![Gauss { m: pmean, c: diag(&pvar) }; train.rows()];
    for round in 0..o.rounds {
        let mut stats = vec![Stats::prior(&smean, &svar); cols];
        for (i, row) in obs.iter().enumerate() {
            let mut me = people[i];
            if round == 0 { for k in 0..D { me.m[k] = 0.0; } }
            for _ in 0..2 {
                let mut s = Stats::prior(&pmean, &pvar);
                for &(j, kappa, scale) in row {
                    let (m, v) = moments(&me, &statements[j]);
                    s.add(&statements[j], scale * weight(m * m + v), kappa);
                }
                me = s.solve();
            }
            for &(j, kappa, scale) in row {
                let (m, v) = moments(&me, &statements[j]);
                stats[j].add(&me, scale * weight(m * m + v), kappa);
            }
            people[i] = me;
        }
        for j in 0..cols {
            statements[j] = stats[j].solve();
        }
        // hyper
        if o.learn && round >= 3 {
            let n = people.len() as f64;
            let a: f64 = people.iter().map(|g| g.m[0] * g.m[0] + g.c[0][0]).sum();
            pvar[0] = (a + 5.0 * 0.3) / (n + 5.0);
            let c = cols as f64;
            let mb: f64 = statements.iter().map(|g| g.m[0]).sum::<f64>() / (c + 2.0);
            smean[0] = mb;
            let vb: f64 = statements.iter().map(|g| (g.m[0] - mb) * (g.m[0] - mb) + g.c[0][0]).sum();
            svar[0] = (vb + 5.0 * 1.5) / (c + 5.0);
            for k in 1..D {
                let vk: f64 = statements.iter().map(|g| g.m[k] * g.m[k] + g.c[k][k]).sum();
                svar[k] = (vk + 2.0 * 0.3) / (c + 2.0);
            }
            let _ = &mut pmean;
        }
    }
    if std::env::var("SHOW").is_ok() {
        eprintln!("lean {:.3} bmean {:.3} svar {:.3?}", pvar[0], smean[0], svar);
    }
    Model { people, statements, nobody: Gauss { m: pmean, c: diag(&pvar) }, nothing: Gauss { m: smean, c: diag(&svar) } }
}

pub fn fit_predict<const D: usize>(train: &Responses, pairs: &[(u32, u32)], o: Options) -> Vec<f64> {
    let model = fit::<D>(train, o);
    let rows: std::collections::HashMap<u32, usize> =
        train.participants.iter().enumerate().map(|(a, &b)| (b, a)).collect();
    pairs
        .iter()
        .map(|(p, s)| {
            let p = rows.get(p).map_or(&model.nobody, |&r| &model.people[r]);
            let s = train.statements.binary_search(s).map_or(&model.nothing, |c| &model.statements[c]);
            let (m, v) = moments(p, s);
            1.0 / (1.0 + libm::exp(-m / (1.0 + std::f64::consts::PI / 8.0 * v).sqrt()))
        })
        .collect()
}
