"""Golden cases of the soft trust regions: independent forwards in PyTorch double, gradients by autograd.

Each method is written once more here, as a forward pass straight from its description, with detach() where the paper detaches;
nothing is taken from Ballast. Run `python make.py` in this folder; it rewrites the *.json files beside it. Needs torch alone.
"""
import json, math, torch

torch.set_default_dtype(torch.float64)
V, D, K = 9, 4, 3                                    # vocabulary, hidden width, top-k
LENGTHS = [4, 6, 3, 5, 7, 2, 5, 4]
GROUPS = [0, 0, 0, 0, 1, 1, 1, 1]
REWARDS = [1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.3]


class Batch:
    """Ragged rows of a small real softmax policy, so that log-probabilities, entropies and top-k columns belong together."""

    def __init__(self, seed, spread):
        g = torch.Generator().manual_seed(seed)
        n = sum(LENGTHS)
        rnd = lambda *s: torch.randn(*s, generator=g)
        old = rnd(n, V) * 1.5
        ref = old + rnd(n, V) * 0.3
        new = old + rnd(n, V) * spread
        behaviour = old + rnd(n, V) * 0.1
        self.token = torch.distributions.Categorical(logits=old).probs.multinomial(1, generator=g)[:, 0]
        pick = lambda logits: torch.log_softmax(logits, -1).gather(1, self.token[:, None])[:, 0]
        self.new, self.old, self.behaviour_logits = new, old, behaviour
        self.seq = torch.repeat_interleave(torch.arange(len(LENGTHS)), torch.tensor(LENGTHS))
        self.group = torch.tensor(GROUPS)
        self.reward = torch.tensor(REWARDS)
        adv = torch.empty(len(GROUPS))
        for q in set(GROUPS):
            r = self.reward[self.group == q]
            adv[self.group == q] = (r - r.mean()) / (r.std() + 1e-6)
        self.adv_seq = adv
        self.A = adv[self.seq]
        probs = torch.softmax(new, -1)
        top = lambda logits: torch.log_softmax(logits, -1).topk(K, -1)
        btop = top(behaviour)
        ntop = top(new)
        self.c = dict(
            logp=pick(new), oldLogp=pick(old), refLogp=pick(ref), behaviourLogp=pick(behaviour),
            entropy=-(probs * torch.log(probs)).sum(-1), reward=self.reward[self.seq],
            value=rnd(n) * 0.5, secondValue=rnd(n) * 0.5, oldValue=rnd(n) * 0.3, median=rnd(n) * 0.5, returns=rnd(n),
            hotOldLogp=pick(old / 1.2), coldOldLogp=pick(old / 0.8),
            behaviourTopLogp=btop.values, logpAtBehaviourTop=torch.log_softmax(new, -1).gather(1, btop.indices),
            topLogp=ntop.values, topToken=ntop.indices.double(), token=self.token.double(), hidden=rnd(n, D),
            klOld=(probs * (torch.log_softmax(new, -1) - torch.log_softmax(old, -1))).sum(-1),
            teacherLogp=pick(ref + rnd(n, V)), weakTeacherLogp=pick(ref + rnd(n, V)), tiltedRefLogp=pick(0.7 * ref))

    def mean_tokens(self, l):
        return l.sum() / len(l)

    def per_seq(self, l):
        return torch.zeros(len(LENGTHS)).index_add(0, self.seq, l)

    def seq_mean(self, l):
        return (self.per_seq(l) / torch.tensor(LENGTHS)).mean()

    def constant(self, l):
        return self.per_seq(l).sum() / (len(LENGTHS) * max(LENGTHS))


def clip_surrogate(r, A, lo=0.2, hi=0.2, dual=None):
    j = torch.minimum(r * A, r.clamp(1 - lo, 1 + hi) * A)
    return j if dual is None else torch.where(A < 0, torch.maximum(j, dual * A), j)


def k3(logp, ref):
    return torch.exp(ref - logp) - 1 + logp - ref


CASES = []


def case(method, name=None, columns=(), grads=(), **settings):
    def register(f):
        CASES.append((method, name or method, tuple(columns), tuple(grads), settings, f))
        return f
    return register


S = lambda s: {k.replace("_", "-"): v for k, v in s.items()}


@case("r2vpo", lambda_0=0.5)
def r2vpo(b, c):
    r = torch.exp(c["logp"] - c["oldLogp"])
    return -b.mean_tokens(r * b.A - 0.5 * (r - 1) ** 2)


@case("spo-simple", aggregation="token-mean")
def spo(b, c):
    r = torch.exp(c["logp"] - c["oldLogp"])
    return -b.mean_tokens(r * b.A - b.A.abs() / 0.4 * (r - 1) ** 2)


@case("cfpo", columns=["refLogp"], kl_coefficient=0.05, kl_estimator="k3")
def cfpo(b, c):
    r = torch.exp(c["logp"] - c["oldLogp"])
    return -b.seq_mean(r * b.A - b.A.abs() / 0.4 * (r - 1) ** 2 - 0.05 * k3(c["logp"], c["refLogp"]))


@case("pspo", alpha=0.3)
def pspo(b, c):
    r = torch.exp(c["logp"] - c["oldLogp"])
    return -b.seq_mean((0.7 * r + 0.3) * b.A)


@case("mhpo")
def mhpo(b, c):
    x = c["logp"] - c["oldLogp"]
    psi = 1.5 * torch.tanh(x / 1.5)
    sp = torch.nn.functional.softplus
    zeta = (sp(psi) / 1.0) ** 1.5 + (sp(-psi) / 0.8) ** 2.0
    return -b.seq_mean(torch.exp(psi - zeta.detach()) * b.A)


@case("bpo", columns=["value", "median", "returns"], grads=["value", "median"], eps=0.3, **{"lambda": 0.5})
def bpo(b, c):
    r = torch.exp(c["logp"] - c["oldLogp"])
    z = c["returns"] - c["median"]
    target = 1 - 0.3 + 0.6 * torch.sigmoid((z / 0.5).detach())
    weight = (c["returns"] - c["value"].detach()).abs()
    policy = ((r - target).abs() * weight).mean()
    value = ((c["value"] - c["returns"]) ** 2).mean()
    median = (torch.nn.functional.softplus(z) - 0.5 * z).mean()
    return policy + 0.5 * value + 0.5 * median


def gbpo(temperature):
    def f(b, c):
        r = torch.exp(c["logp"] - c["oldLogp"])
        target = torch.empty(len(GROUPS))
        for q in set(GROUPS):
            R = b.reward[b.group == q]
            z = (R - torch.quantile(R, 0.5)) / (R.std() + 1e-6) / temperature
            target[b.group == q] = 1 - 0.3 + 0.6 * torch.sigmoid(z)
        return b.mean_tokens(((r - target[b.seq]) * b.A).abs())
    return f


case("gbpo")(gbpo(1e-4))
case("gbpo", "gbpo-warm", temperature=1.0)(gbpo(1.0))


def dppo(divergence, top_k, delta):
    def f(b, c):
        lp, ob = c["logp"], c["behaviourLogp"]
        r = torch.exp(lp - ob)
        p, po = lp.exp(), ob.exp()
        if top_k:
            P, Q = c["behaviourTopLogp"].exp(), c["logpAtBehaviourTop"].exp()
            Pr, Qr = (1 - P.sum(-1)).clamp(min=1e-12), (1 - Q.sum(-1)).clamp(min=1e-12)
            kl = (P * (P.log() - Q.log())).sum(-1) + Pr * (Pr.log() - Qr.log())
            tv = 0.5 * ((P - Q).abs().sum(-1) + (Pr - Qr).abs())
        else:
            kl = po * (ob - lp) + (1 - po) * torch.log((1 - po + 1e-8) / (1 - p + 1e-8))
            tv = (p - po).abs()
        d = tv if divergence == "tv" else kl
        drop = (d > delta) & torch.where(b.A > 0, p > po, p < po)
        m = (~drop).double()
        return -b.constant((m * r.clamp(max=20.0)).detach() * b.A * lp)
    return f


case("dppo", "dppo-binary-tv", ["behaviourLogp"])(dppo("tv", False, 0.15))
case("dppo", "dppo-binary-kl", ["behaviourLogp"], divergence="kl")(dppo("kl", False, 0.05))
TOP = ["behaviourLogp", "behaviourTopLogp", "logpAtBehaviourTop"]
case("dppo", "dppo-top-k-tv", TOP, support="top-k")(dppo("tv", True, 0.15))
case("dppo", "dppo-top-k-kl", TOP, support="top-k", divergence="kl", delta_low=0.02, delta_high=0.02)(dppo("kl", True, 0.02))


@case("mdpo", t=0.5)
def mdpo(b, c):
    x = c["logp"] - c["oldLogp"]
    r = torch.exp(x)
    return -b.mean_tokens(r * b.A - 2 * (r * x - r + 1))


@case("mdpo", "mdpo-exact", ["klOld"], ["klOld"], t=0.5, kl="exact")
def mdpo_exact(b, c):
    r = torch.exp(c["logp"] - c["oldLogp"])
    return -b.mean_tokens(r * b.A - 2 * c["klOld"])


@case("d-ppo", rho=0.25)
def d_ppo(b, c):
    r = torch.exp(c["logp"] - c["oldLogp"])
    X = (r * b.A).detach()
    n = len(X)
    order = sorted(range(n), key=lambda i: (float(X[i] * X.mean()), i))
    kept = torch.tensor(sorted(order[int(0.25 * n):]))
    return -clip_surrogate(r, b.A)[kept].mean()


@case("apa", columns=["refLogp"])
def apa(b, c):
    return b.mean_tokens((c["logp"] - c["refLogp"] - 10 * b.A) ** 2)


@case("apa", "apa-awr", form="awr", c_log=0.5)
def awr(b, c):
    return -b.mean_tokens(c["logp"] * torch.exp(0.5 * b.A))


def capo(b, c, lr, tau_f, tau_h):
    """SGD model written with matrices, not with the closed form."""
    keep = []
    for t in range(len(b.token)):
        pi = torch.softmax(c["topLogp"][t], -1)
        e = (c["topToken"][t] == c["token"][t]).double()
        v, h = e - pi, c["hidden"][t]
        g = b.A[t] * torch.outer(v, h)
        u = g @ h
        bracket = (v @ u) ** 2 - ((pi * u ** 2).sum() - (pi @ u) ** 2)
        m_h = lr * (g * g).sum() + 0.5 * lr ** 2 * b.A[t] * bracket
        m_f = 0.5 * lr ** 2 * (v @ u) ** 2
        keep.append(bool(m_f < tau_f) and bool(m_h.abs() < tau_h))
    keep = torch.tensor(keep).double()
    r = torch.exp(c["logp"] - c["oldLogp"])
    counts = b.per_seq(keep).clamp(min=1)
    return -(b.per_seq(clip_surrogate(r, b.A) * keep) / counts).mean()


CAPO = ["topLogp", "topToken", "token", "hidden"]
case("capo-curvature", "capo-curvature-sgd", CAPO, model="sgd", lr=0.02, tau_f=1e-4, tau_h=0.02)(lambda b, c: capo(b, c, 0.02, 1e-4, 0.02))
case("capo-curvature", "capo-curvature-adam-first", CAPO, model="adam", lr=0.02, tau_f=1e-4, tau_h=0.02)(
    lambda b, c: capo(b, c, 0.02, 1e-4, 0.02))  # without moments the Adam model's direction is the gradient itself


@case("dcpo-distribution", columns=["reward", "hotOldLogp", "coldOldLogp"])
def dcpo(b, c):
    r = torch.exp(c["logp"] - c["oldLogp"])
    good = (b.reward > 0.05).double()
    a0 = min(0.5, 0.1) / good.mean()                  # before the first update H = 0, so T is the hot one
    alpha = a0 / (1 + a0)
    rho = torch.exp(c["hotOldLogp"] - c["oldLogp"])
    A = (1 - alpha) * b.A + alpha * good[b.seq] * rho
    return -b.mean_tokens(clip_surrogate(r, A, dual=3.0))


def rapo(b, c, log_ref):
    r = torch.exp(c["logp"] - c["oldLogp"])
    lz = log_ref - c["logp"]
    z = lz.exp()
    kl = z * lz - z + 1
    return -b.seq_mean(clip_surrogate(r, b.A) - 0.3 * kl + 0.02 * c["entropy"])


@case("rapo", columns=["reward", "refLogp", "entropy"], grads=["entropy"], alpha=0.3, entropy_coefficient=0.02)
def rapo_power(b, c):
    return rapo(b, c, c["reward"].clamp(0.5, 1) * c["refLogp"])


@case("rapo", "rapo-tilted", ["tiltedRefLogp", "entropy"], ["entropy"], alpha=0.3, entropy_coefficient=0.02, reference="tilted")
def rapo_tilted(b, c):
    return rapo(b, c, c["tiltedRefLogp"])


@case("dmpo", columns=["reward"])
def dmpo(b, c):
    r = torch.exp(c["logp"] - c["oldLogp"])
    phi = b.per_seq(c["logp"]) / torch.tensor(LENGTHS)
    dm = 0
    for q in set(GROUPS):
        m = b.group == q
        dm = dm + ((torch.softmax(b.reward[m] * 15, 0) - torch.softmax(phi[m], 0)) ** 2).mean()
    return -b.seq_mean(clip_surrogate(r, b.A)) + 2.0 * dm / len(set(GROUPS))


@case("aspo", columns=["entropy", "refLogp"])
def aspo(b, c):
    lp, A, H = c["logp"], b.A, c["entropy"]
    r = torch.exp(lp - c["oldLogp"])
    q80 = torch.stack([torch.quantile(H[b.seq == s].detach(), 0.8) for s in range(len(LENGTHS))])[b.seq]
    low = H <= q80
    eps = torch.where(low, 0.2, 0.4)
    rc = torch.minimum(r, 1 + eps)
    pos = torch.where((1 / rc > 3).detach(), A * 3 * lp, A * (rc / rc.detach()) / rc.detach())
    held = torch.maximum(r, 1 - eps)
    neg = torch.where((held > 3).detach(), A * 3 * lp, A * held)
    kl = k3(lp, c["refLogp"]) * low
    return -b.mean_tokens(torch.where(A > 0, pos, neg) - 0.001 * kl)


def erpd(signal, gate=False):
    def f(b, c):
        s = signal(c).clamp(-2, 2)
        if gate:
            s = torch.where(torch.sign(s) == torch.sign(b.A), s, 0.0)
        r = torch.exp(c["logp"] - c["oldLogp"])
        return -b.mean_tokens(clip_surrogate(r, s) - 0.01 * k3(c["logp"], c["refLogp"]))
    return f


case("erpd", "erpd-strong", ["teacherLogp", "refLogp"])(erpd(lambda c: c["teacherLogp"] - c["refLogp"]))
case("erpd", "erpd-weak-gated", ["teacherLogp", "refLogp"], teacher="weak", gate=True)(erpd(lambda c: c["refLogp"] - c["teacherLogp"], True))
case("erpd", "erpd-pair", ["teacherLogp", "weakTeacherLogp", "refLogp"], teacher="pair")(
    erpd(lambda c: c["teacherLogp"] - c["weakTeacherLogp"]))


@case("copg", columns=["reward", "refLogp"])
def copg(b, c):
    s = b.reward - 0.05 * b.per_seq(c["logp"] - c["refLogp"])
    loss = 0
    for q in set(GROUPS):
        x = s[b.group == q]
        n = len(x)
        loss = loss + sum((x[i] - x[j]) ** 2 / 0.1 for i in range(n) for j in range(i)) / (n * (n - 1) / 2)
    return loss / len(set(GROUPS))


@case("safe", columns=["reward", "refLogp", "entropy", "value", "secondValue", "oldValue", "returns"],
      grads=["entropy", "value", "secondValue"])
def safe(b, c):
    """First step: the smoothed KL starts at 0 and is below the threshold, so no KL term."""
    r = torch.exp(c["logp"] - c["oldLogp"])
    last = torch.tensor(LENGTHS).cumsum(0) - 1
    a = 0.3
    v = -a * (torch.logsumexp(torch.stack([-c["value"][last] / a, -c["secondValue"][last] / a]), 0) - math.log(2))
    old, R = c["oldValue"][last], c["returns"][last]
    vc = old + (v - old).clamp(-0.2, 0.2)
    huber = lambda x: torch.nn.functional.huber_loss(x, R, delta=0.5)
    return -b.mean_tokens(clip_surrogate(r, b.A)) - 0.01 * c["entropy"].mean() + 0.5 * 0.5 * (huber(v) + huber(vc))


def write():
    for k, (method, name, columns, grads, settings, f) in enumerate(CASES):
        for spread in (0.1, 1.0):
            b = Batch(100 + 7 * k, spread)
            wanted = ("logp",) + grads
            c = {n: v.clone().requires_grad_(n in wanted) for n, v in b.c.items()}
            loss = f(b, c)
            g = torch.autograd.grad(loss, [c[n] for n in wanted])
            rows = lambda x: [v.tolist() for v in x.split(LENGTHS)]
            shown = ("logp", "oldLogp") + tuple(x for x in columns if x != "reward")
            split = {n: rows(b.c[n]) for n in shown}
            sequences = []
            for s in range(len(LENGTHS)):
                row = {"group": GROUPS[s], "advantage": b.adv_seq[s].item()}
                if "reward" in columns:
                    row["reward"] = REWARDS[s]
                row.update({n: split[n][s] for n in shown})
                sequences.append(row)
            expected = {"loss": loss.item()}
            expected.update({"d" + n: rows(x) for n, x in zip(wanted, g)})
            label = f"{name}-{'near' if spread < 0.5 else 'far'}"
            out = {"name": label, "source": "make.py beside this file: independent forward, torch autograd, double",
                   "tolerance": 1e-9, "method": method, "settings": S(settings), "sequences": sequences, "expected": expected}
            with open(label + ".json", "w") as file:
                json.dump(out, file)
                file.write("\n")


write()
