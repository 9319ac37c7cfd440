"""Reference values for the methods of ratio granularity and off-policy correction.

Each method is written here once more, forward only, in PyTorch doubles; the gradient is autograd's. Nothing is shared with the Java code
except the definitions of the papers. Run it from this folder (python make.py) to write one JSON file a case, each a `probe` input with the
expected loss and gradient.
"""
import json
import math
import random

import torch

torch.set_default_dtype(torch.float64)
INF = math.inf


# ---- a batch: one flat tensor per column, and the token indices of each sequence ----
class Batch:
    def __init__(self, sequences):
        self.sequences = sequences
        self.spans, n = [], 0
        for s in sequences:
            self.spans.append(range(n, n + len(s["logp"])))
            n += len(s["logp"])
        self.tokens, self.count = n, len(sequences)
        self.logp = self.column("logp").clone().requires_grad_(True)
        self.old = self.column("oldLogp")
        self.mu = self.column("behaviourLogp") if "behaviourLogp" in sequences[0] else self.old
        self.group = [s["group"] for s in sequences]
        if "advantage" in sequences[0]:
            self.adv = torch.tensor([float(a) for s in sequences for a in (
                s["advantage"] if isinstance(s["advantage"], list) else [s["advantage"]] * len(s["logp"]))])

    def column(self, name):
        return torch.tensor([float(x) for s in self.sequences for x in s[name]])

    def segments(self, name):
        """Maximal runs of equal numbers inside a sequence, as index lists."""
        ids, out = self.column(name), []
        for span in self.spans:
            run = []
            for t in span:
                if run and ids[t] != ids[run[-1]]:
                    out.append(run)
                    run = []
                run.append(t)
            if run:
                out.append(run)
        return out

    def weights(self, aggregation):
        w = torch.zeros(self.tokens)
        for span in self.spans:
            for t in span:
                w[t] = {"token-mean": 1 / self.tokens,
                        "seq-mean-token-mean": 1 / (self.count * len(span)),
                        "seq-mean-token-sum": 1 / self.count}[aggregation]
        return w


def spread(values, segments, n):
    """A number per segment laid out over its tokens."""
    pieces = [None] * n
    for value, segment in zip(values, segments):
        for t in segment:
            pieces[t] = value
    return torch.stack(pieces)


def kernel(x, a, low, high):
    return torch.minimum(x * a, torch.clamp(x, 1 - low, 1 + high) * a)


def token_form(level, logp):
    """sg[level] exp(logp - sg[logp]): the level's value, the token's own gradient."""
    return level.detach() * torch.exp(logp - logp.detach())


def mean_ratio(b, d, segments):
    return spread([torch.exp(d[list(s)].mean()) for s in segments], segments, b.tokens)


def loss_of(b, j, aggregation):
    return -(b.weights(aggregation) * j).sum()


# ---- part A: granularity ----
def gspo(b, s):
    level = mean_ratio(b, b.logp - b.old, b.spans)
    return loss_of(b, kernel(token_form(level, b.logp), b.adv, s["clip-low"], s["clip-high"]), s.get("aggregation", "seq-mean-token-mean"))


def sspo(b, s):
    sentences = b.segments("sentence")
    h = b.column("entropy")
    level = mean_ratio(b, b.logp - b.old, sentences)
    means = torch.stack([h[x].mean() for x in sentences])
    z = ((means - means.mean()) / (means.std(unbiased=False) + 1e-8)).clamp(-1, 1)
    z = spread(list(z), sentences, b.tokens)
    scale = 1 + s["a"] * z
    return loss_of(b, kernel(token_form(level, b.logp), b.adv, s["clip-low"] * scale, s["clip-high"] * scale), "seq-mean-token-mean")


def dhpo(b, s):
    d = b.logp - b.old
    r, q = torch.exp(d), token_form(mean_ratio(b, d, b.spans), b.logp)
    tl, th, sl, sh = s["et-lo"], s["et-hi"], s["es-lo"], s["es-hi"]
    w = torch.full((b.tokens,), 0.5)
    if s["weighting"] == "entropy-guided":
        h = b.column("entropy")
        for span in b.spans:
            x = h[list(span)]
            v = (x - x.min()) / (x.max() - x.min() + 1e-8)
            w[list(span)] = 1 - v if s["invert"] else v
    mix = w * r + (1 - w) * q
    held = w * torch.clamp(r, 1 - tl, 1 + th) + (1 - w) * torch.clamp(q, 1 - sl, 1 + sh)
    j = {"a": lambda: torch.minimum(mix * b.adv, held * b.adv),
         "b": lambda: w * kernel(r, b.adv, tl, th) + (1 - w) * kernel(q, b.adv, sl, sh),
         "c": lambda: held * b.adv}[s["reading"]]()
    return loss_of(b, j, "seq-mean-token-mean")


def turn_ratio(b):
    return mean_ratio(b, b.logp - b.old, b.segments("turn"))


def turn_ppo(b, s):
    return loss_of(b, kernel(turn_ratio(b), b.adv, s["clip-low"], s["clip-high"]), "seq-mean-token-mean")


def biased(b, s, ratio):
    """Loss divided by max(1, c / floor), c the norm of the clipped tokens' share of the gradient."""
    x, low, high = ratio.detach(), 1 - s["clip-low"], 1 + s["clip-high"]
    clipped = ((b.adv > 0) & (x > high)) | ((b.adv < 0) & (x < low))
    n = torch.tensor([float(len(span)) for span in b.spans for _ in span])
    c = ((clipped * x * b.adv / n) ** 2).sum().sqrt()
    return loss_of(b, kernel(ratio, b.adv, s["clip-low"], s["clip-high"]), "seq-mean-token-mean") / max(1.0, float(c) / s["c0"])


def s_ppo(b, s):
    return biased(b, s, torch.exp(b.logp - b.old))


def st_ppo(b, s):
    return biased(b, s, turn_ratio(b))


def turn_gae(b, s):
    turns = b.segments("turn")
    v = b.column("value")
    a = torch.zeros(b.tokens)
    for i, span in enumerate(b.spans):
        mine = [t for t in turns if t[0] in span]
        nxt, last = 0.0, 0.0
        for k in range(len(mine) - 1, -1, -1):
            reward = b.sequences[i]["reward"] if k == len(mine) - 1 else 0.0
            value = float(v[mine[k][0]])
            last = reward + s["gamma"] * nxt - value + s["gamma"] * s["lambda"] * last
            nxt = value
            a[mine[k]] = last
    w = torch.zeros(b.tokens)
    for t in turns:
        w[t] = 1 / (len(turns) * len(t))
    b.adv = a
    return -(w * kernel(turn_ratio(b), a, s["clip-low"], s["clip-high"])).sum()


def normalised_entropy(h, pivot, signed):
    l = torch.log(torch.clamp(h, min=1e-8))
    q = torch.sort(l).values[round_half_even(pivot * (len(l) - 1))]
    x = l - q
    x = x / torch.sqrt((x ** 2).mean())
    up, down = x.max(), x.min()
    out = torch.zeros_like(x)
    for t in range(len(x)):
        if x[t] > 0:
            out[t] = x[t] / up
        elif x[t] < 0:
            out[t] = x[t] / abs(down) if signed else x[t] / down
    return out


def round_half_even(x):
    return int(round(x))


def hapo_token(b, s):
    h = normalised_entropy(b.column("entropy"), s["entropy-pivot"], s["sign"] == "signed")
    r = torch.exp(b.logp - b.old)
    low = torch.where(h <= 0, s["clip-low"] * (1 - s["clip-alpha"] * h), torch.tensor(s["clip-low"]))
    high = torch.where(h > 0, s["clip-high"] * (1 + s["clip-alpha"] * h), torch.tensor(s["clip-high"]))
    x = r.detach()
    zone = (x > 1 - low / 2) & (x < 1 + high / 2)
    moved = b.adv * (1 + s["adv-beta"] * h)
    a = torch.where(h > 0, torch.where(zone, b.adv, moved), torch.where(zone, moved, b.adv))
    j = torch.minimum(r * a, torch.minimum(torch.maximum(r, 1 - low), 1 + high) * a)
    j = torch.where(a < 0, torch.maximum(j, s["dual-clip"] * a), j)
    return loss_of(b, j, "token-mean")


def grpo_guard(b, s):
    if s["normalisation"] == "flow":
        drift, sigma, dt = b.column("meanShiftSquared").requires_grad_(True), b.column("noiseScale"), b.column("stepSize")
        b.extra = {"meanShiftSquared": drift}
        l = sigma * dt.sqrt() * (b.logp - b.old + drift / (2 * sigma ** 2 * dt))
        a = torch.clamp(b.adv, -s["adv-clip-max"], s["adv-clip-max"])
        return loss_of(b, kernel(torch.exp(l), a, s["clip-low"], s["clip-high"]) / dt, "seq-mean-token-mean")
    d = b.logp - b.old
    x, l = d.detach(), [None] * b.tokens
    whole = x.std(unbiased=False)
    buckets = {}
    for span in b.spans:
        for k, t in enumerate(span):
            buckets.setdefault(k // s["bucket"], []).append(t)
    for members in buckets.values():
        m, sd = x[members].mean(), x[members].std(unbiased=False)
        f = whole / sd if sd > 0 else torch.tensor(1.0)
        for t in members:
            l[t] = (d[t] - m) * f
    a = torch.clamp(b.adv, -s["adv-clip-max"], s["adv-clip-max"])
    return loss_of(b, kernel(torch.exp(torch.stack(l)), a, s["clip-low"], s["clip-high"]), "seq-mean-token-mean")


# ---- part B: off-policy ----
def minirl(b, s):
    rp = torch.exp(b.logp - b.old).detach()
    keep = ~(((b.adv > 0) & (rp > 1 + s["clip-high"])) | ((b.adv < 0) & (rp < 1 - s["clip-low"])))
    w = torch.clamp(torch.exp(b.logp - b.mu).detach(), max=s["weight-cap"])
    return loss_of(b, keep * w * b.adv * b.logp, "seq-mean-token-sum")


def off_policy_grpo(b, s):
    x = torch.exp(b.logp - b.mu)
    c = torch.exp(b.old - b.mu) if s["centre"] == "anchor" else torch.ones(b.tokens)
    held = torch.minimum(torch.maximum(x, torch.clamp(c - s["clip-low"], min=0)), c + s["clip-high"])
    return loss_of(b, torch.minimum(x * b.adv, held * b.adv), "seq-mean-token-mean")


def decoupled_ppo(b, s):
    p = b.old
    if s.get("prox-logp-method", "recompute") != "recompute":
        k = b.column("staleness")
        a = torch.where(k > 0, (k - 1) / k.clamp(min=1), torch.zeros(b.tokens))
        x = b.logp.detach()
        p = torch.log((1 - a) * b.mu.exp() + a * x.exp()) if s["proximal"] == "linear" else b.mu + a * (x - b.mu)
    l = p - b.mu
    by_sequence = s.get("level") == "sequence"
    mean = lambda v: spread([v[list(x)].mean() for x in b.spans], b.spans, b.tokens)
    w = torch.exp(mean(l) if by_sequence else l)
    if s.get("action") == "clamp":
        f = torch.clamp(w, max=s["upper"])
    else:
        metric = s.get("metric", "ratio")
        judged = {"ratio": lambda: w, "kl-k2": lambda: l ** 2 / 2, "kl-k3": lambda: torch.exp(l) - 1 - l}[metric]()
        if metric != "ratio" and by_sequence:
            judged = mean(judged)
        f = w * (judged <= s["upper"]) * (judged >= s.get("lower", -INF))
    r = torch.exp(b.logp - p)
    if s.get("importance-sampling-level") == "sequence":
        r = token_form(mean_ratio(b, b.logp - p, b.spans), b.logp)
    return loss_of(b, f * kernel(r, b.adv, s["clip-low"], s["clip-high"]), "token-mean")


def two_factor(b, s):
    v = b.column("trainLogpAtBehaviourVersion")
    d = torch.exp(v - b.mu)
    f = d * ((d >= s["lower"]) & (d <= s["upper"])) if s["action"] == "mask" else torch.clamp(d, max=s["upper"])
    return loss_of(b, f * kernel(torch.exp(b.logp - v), b.adv, s["clip-low"], s["clip-high"]), "token-mean")


def dr_po(b, s):
    v, reference, a = b.column("value"), b.column("refLogp"), torch.zeros(b.tokens)
    for i, span in enumerate(b.spans):
        nxt = last = 0.0
        for t in reversed(span):
            reward = -s["reward-kl-coefficient"] * float(b.old[t] - reference[t]) + (b.sequences[i]["reward"] if t == span[-1] else 0.0)
            last = reward + s["gamma"] * nxt - float(v[t]) + s["gamma"] * s["lambda"] * last
            nxt, a[t] = float(v[t]), last
    b.adv = (a - a.mean()) / torch.sqrt(a.var(unbiased=True) + 1e-8)
    return loss_of(b, kernel(torch.exp(b.logp - b.old), b.adv, s["clip-low"], s["clip-high"]), "token-mean")


def ppo_ewma(b, s):
    if "ewma-decay" in s:
        b.old = b.column("ewmaLogp")
    adj = torch.maximum(b.mu, b.logp.detach() - math.log(s["imp-max"]))
    free = b.adv * torch.exp(b.logp - adj)
    if s.get("beta", "none") != "none":
        return loss_of(b, free - s["beta"] * 0.5 * (b.logp - b.old) ** 2, "token-mean")
    held = torch.clamp(b.logp - b.old, math.log(1 - s["clip-low"]), math.log(1 + s["clip-high"])) + b.old - adj
    return loss_of(b, torch.minimum(free, b.adv * torch.exp(held)), "token-mean")


def deepseek(b, s):
    r = torch.exp(b.logp - b.old)
    j = kernel(r, b.adv, s["clip-low"], s["clip-high"])
    if s["off-policy-mask"] != "none":
        for span in b.spans:
            i = list(span)
            gap = (b.mu[i] - b.logp.detach()[i]).mean()
            if b.adv[i].mean() < 0 and gap > s["off-policy-mask"]:
                j = j * torch.tensor([0.0 if t in span else 1.0 for t in range(b.tokens)])
    d = b.column("refLogp") - b.logp
    return loss_of(b, j - s["kl-coefficient"] * r * (torch.exp(d) - d - 1), "seq-mean-token-mean")


def m2po(b, s):
    l = (b.logp - b.mu).detach()
    if s["form"] == "areal":
        l = b.old - b.mu
        order = sorted(range(b.tokens), key=lambda t: float(l[t] ** 2))
        kept = drop_until(order, l, s["tau"], strict=True)
        mask = torch.tensor([1.0 if t in kept else 0.0 for t in range(b.tokens)])
        w = torch.exp(b.old - b.mu)
        return loss_of(b, mask * w * kernel(torch.exp(b.logp - b.old), b.adv, s["clip-low"], s["clip-high"]), "token-mean")
    trust = [t for t in range(b.tokens) if (b.adv[t] > 0 and l[t] > 0) or (b.adv[t] < 0 and l[t] < 0)]
    r = torch.exp(b.logp - b.mu)
    if s["form"] == "paper":
        kept = drop_until(sorted(trust, key=lambda t: float(l[t] ** 2)), l, s["tau"], strict=False)
        mask = torch.tensor([0.0 if t in trust and t not in kept else 1.0 for t in range(b.tokens)])
        return loss_of(b, mask * r * b.adv, "token-mean")
    # official code: the largest u with mean over T of min(l^2, u^2) within tau, found here by bisection
    squares = [float(l[t] ** 2) for t in trust]
    mean = lambda u: sum(min(x, u * u) for x in squares) / len(squares)
    low, high = 0.0, max(math.sqrt(x) for x in squares)
    if mean(high) > s["tau"]:
        for _ in range(200):
            mid = (low + high) / 2
            low, high = (mid, high) if mean(mid) <= s["tau"] else (low, mid)
        u = low
    else:
        u = INF
    lo = torch.tensor(math.exp(-u)) if u < INF else torch.tensor(0.0)
    hi = torch.tensor(math.exp(u)) if u < INF else torch.tensor(INF)
    return loss_of(b, torch.minimum(r * b.adv, torch.clamp(r, float(lo), float(hi)) * b.adv), "token-mean")


def drop_until(ascending, l, tau, strict):
    kept = list(ascending)
    while kept:
        mean = sum(float(l[t] ** 2) for t in kept) / len(kept)
        if mean < tau or (not strict and mean == tau):
            break
        kept.pop()
    return set(kept)


def topr(b, s):
    d = b.logp - b.mu
    if s["level"] == "sequence":
        d = spread([d[list(x)].sum() for x in b.spans], b.spans, b.tokens)
    alpha = torch.where(b.adv > 0, torch.ones(b.tokens), torch.clamp(torch.exp(d), max=1.0)).detach()
    return loss_of(b, alpha * b.adv * b.logp, "token-mean")


def asymre(b, s):
    a = []
    for i, x in enumerate(b.sequences):
        peers = [y["reward"] for y in b.sequences if y["group"] == x["group"]]
        a += [x["reward"] - (sum(peers) / len(peers) + s["baseline-shift"])] * len(x["logp"])
    b.adv = torch.tensor(a)
    return loss_of(b, b.adv * b.logp, s.get("aggregation", "seq-mean-token-sum"))


def chord(b, s):
    expert = b.column("expert") > 0
    rl = [x for x in b.spans if not expert[x[0]]]
    j = kernel(torch.exp(b.logp - b.old), b.adv, s["clip-low"], s["clip-high"])
    grpo = -sum(j[list(x)].mean() for x in rl) / len(rl)
    p = torch.exp(b.logp).detach()
    phi = p * (1 - p) if s["phi"] else torch.ones(b.tokens)
    sft = -(phi * b.logp)[expert].sum() / expert.sum()
    mu = s["peak"]  # the first step without warm-up
    return (1 - mu) * grpo + mu * sft


def kimi(b, s):
    d = b.logp - b.old
    if s["level"] == "token":
        return loss_of(b, b.adv * b.logp - s["tau"] / 2 * d ** 2, s["aggregation"])
    total = 0
    for x in b.spans:
        i = list(x)
        total = total + b.adv[i[0]] * b.logp[i].sum() - s["tau"] / 2 * d[i].sum() ** 2
    return -total / b.count


# ---- corrections on top of clipped GRPO ----
def corrected(b, s):
    l = b.old - b.mu
    w, keep = torch.ones(b.tokens), torch.ones(b.tokens)
    rho = torch.exp(l)
    c = s["correction"]
    seq = lambda f: spread([f(l[list(x)]) for x in b.spans], b.spans, b.tokens)
    level = {"token": lambda: rho, "sequence": lambda: seq(lambda v: torch.exp(v.sum())),
             "geometric": lambda: seq(lambda v: torch.exp(v.mean())),
             "segment": lambda: mean_ratio(b, l, b.segments("turn"))}
    o = s["correction-settings"]
    if c == "tis":
        w = torch.clamp(level[o["level"]](), max=o["c"])
    elif c == "mis":
        x = level[o["level"]]()
        w, keep = x, ((x >= o["lower"]) & (x <= o["upper"])).double()
    elif c == "geometric":
        x = level["geometric"]()
        keep = ((x >= o["lower"]) & (x <= o["upper"])).double()
        w = torch.clamp(rho, max=o["c"]) if o["weight"] == "token" else w
    elif c == "k-divergence":
        k = {"k1": -l, "k2": l ** 2 / 2, "k3": torch.exp(l) - 1 - l}[o["estimator"]]
        fold = {"token": lambda: k, "seq-sum": lambda: spread([k[list(x)].sum() for x in b.spans], b.spans, b.tokens),
                "seq-mean": lambda: spread([k[list(x)].mean() for x in b.spans], b.spans, b.tokens),
                "seq-max": lambda: spread([k[list(x)].max() for x in b.spans], b.spans, b.tokens)}[o["fold"]]()
        if o["estimator"] == "k1":
            keep = ((-fold >= math.log(o["lower"])) & (-fold <= math.log(o["upper"]))).double()
        else:
            keep = (fold <= o["upper"]).double()
    elif c == "veto":
        keep = spread([torch.tensor(0.0 if (l[list(x)] < math.log(o["veto"])).any() else 1.0) for x in b.spans], b.spans, b.tokens)
    if o.get("normalise"):
        if o["level"] == "sequence":
            w = w / (sum(w[x[0]] for x in b.spans) / b.count)
        else:
            w = w / w.mean()
    return loss_of(b, keep * w * kernel(torch.exp(b.logp - b.old), b.adv, 0.2, 0.2), "seq-mean-token-mean")


# ---- cases ----
def draw(seed, spread_of, sequences=12, groups=3, reward=False, token_advantage=False, extra=()):
    g = random.Random(seed)
    out = []
    for i in range(sequences):
        n = g.randint(3, 12)
        old = [-g.expovariate(1.2) - 0.02 for _ in range(n)]
        case = {"group": i % groups, "oldLogp": old, "logp": [min(x + g.gauss(0, spread_of), -0.001) for x in old]}
        if "behaviourLogp" in extra:
            case["behaviourLogp"] = [min(x + g.gauss(0, spread_of), -0.001) for x in old]
        if "refLogp" in extra:
            case["refLogp"] = [min(x + g.gauss(0, 0.3), -0.001) for x in old]
        if "entropy" in extra:
            case["entropy"] = [g.expovariate(1.5) + 0.001 for _ in range(n)]
        if "value" in extra:
            case["value"] = [g.gauss(0.4, 0.3) for _ in range(n)]
        for name, chance in (("turn", 0.3), ("sentence", 0.35)):
            if name in extra:
                ids = [0]
                for _ in range(n - 1):
                    ids.append(ids[-1] + (g.random() < chance))
                case[name] = ids
        for name in ("ewmaLogp", "trainLogpAtBehaviourVersion"):
            if name in extra:
                case[name] = [min(x + g.gauss(0, spread_of), -0.001) for x in old]
        if "staleness" in extra:
            case["staleness"] = [g.randint(0, 4) for _ in range(n)]
        if "expert" in extra:
            case["expert"] = [1 if i % 4 == 3 else 0] * n
        if "flow" in extra:
            case["meanShiftSquared"] = [g.expovariate(20) for _ in range(n)]
            case["noiseScale"] = [0.9 - 0.05 * k for k in range(n)]
            case["stepSize"] = [0.1 + 0.01 * k for k in range(n)]
        if reward:
            case["reward"] = float(g.random() < 0.5)
        elif token_advantage:
            case["advantage"] = [g.gauss(0, 1) for _ in range(n)]
        else:
            case["advantage"] = g.gauss(0, 1)
        out.append(case)
    return out


MAKERS = {"gspo": gspo, "gspo-token": gspo, "sspo": sspo, "dhpo": dhpo, "turn-ppo": turn_ppo, "s-ppo": s_ppo, "st-ppo": st_ppo,
          "turn-gae": turn_gae, "hapo-token": hapo_token, "grpo-guard": grpo_guard, "minirl": minirl, "off-policy-grpo": off_policy_grpo,
          "decoupled-ppo": decoupled_ppo, "ppo-ewma": ppo_ewma, "deepseek-v3.2": deepseek, "m2po": m2po, "topr": topr, "asymre": asymre,
          "chord": chord, "kimi-k1.5": kimi, "two-factor": two_factor, "dr-po": dr_po, "corrected": corrected}

CLIP = {"clip-low": 0.2, "clip-high": 0.2}
DHPO = {"et-lo": 0.2, "et-hi": 0.28, "es-lo": 0.03, "es-hi": 0.04, "invert": False}
HAPO = {"clip-low": 0.2, "clip-high": 0.2, "entropy-pivot": 0.8, "clip-alpha": 1.0, "adv-beta": 1.0, "dual-clip": 10.0}
GUARD = {"clip-low": 0.2, "clip-high": 0.2, "adv-clip-max": 5.0}
CHORD = {"clip-low": 0.2, "clip-high": 0.2, "peak": 0.9}

CASES = [
    ("gspo-token", {"clip-low": 0.03, "clip-high": 0.04}, 0.15, dict(token_advantage=True)),
    ("gspo", {"clip-low": 0.03, "clip-high": 0.04, "aggregation": "token-mean"}, 0.15, {}),
    ("sspo", {"clip-low": 0.03, "clip-high": 0.04, "a": 0.5}, 0.15, dict(extra=("entropy", "sentence"))),
    *[("dhpo", {**DHPO, "reading": r, "weighting": w, "invert": v}, 0.4, dict(extra=("entropy",)))
      for r in "abc" for w, v in (("averaged", False), ("entropy-guided", False), ("entropy-guided", True))],
    ("turn-ppo", CLIP, 0.4, dict(token_advantage=True, extra=("turn",))),
    ("s-ppo", {**CLIP, "c0": 0.25}, 0.4, dict(token_advantage=True, extra=("turn",))),
    ("st-ppo", {**CLIP, "c0": 0.25}, 0.4, dict(token_advantage=True, extra=("turn",))),
    ("st-ppo", {**CLIP, "c0": 50.0}, 0.4, dict(token_advantage=True, extra=("turn",))),
    ("turn-gae", {**CLIP, "gamma": 0.99, "lambda": 0.9}, 0.4, dict(reward=True, extra=("turn", "value"))),
    ("hapo-token", {**HAPO, "sign": "signed"}, 0.5, dict(extra=("entropy",))),
    ("hapo-token", {**HAPO, "sign": "released"}, 0.5, dict(extra=("entropy",))),
    ("grpo-guard", {**GUARD, "normalisation": "position", "bucket": 1}, 0.3, {}),
    ("grpo-guard", {**GUARD, "normalisation": "position", "bucket": 4}, 0.3, {}),
    ("grpo-guard", {**GUARD, "normalisation": "flow"}, 0.3, dict(extra=("flow",))),
    ("minirl", {"clip-low": 0.2, "clip-high": 0.27, "weight-cap": 1.5}, 0.3, dict(extra=("behaviourLogp",))),
    ("off-policy-grpo", {**CLIP, "centre": "anchor"}, 0.3, dict(extra=("behaviourLogp",))),
    ("off-policy-grpo", {**CLIP, "centre": "one"}, 0.3, dict(extra=("behaviourLogp",))),
    ("decoupled-ppo", {**CLIP, "upper": 1.5}, 0.3, dict(extra=("behaviourLogp",))),
    ("ppo-ewma", {**CLIP, "imp-max": 100.0}, 0.3, dict(extra=("behaviourLogp",))),
    ("ppo-ewma", {**CLIP, "imp-max": 1.5}, 0.5, dict(extra=("behaviourLogp",))),
    ("ppo-ewma", {"imp-max": 100.0, "beta": 0.5}, 0.3, dict(extra=("behaviourLogp",))),
    ("deepseek-v3.2", {**CLIP, "off-policy-mask": 0.05, "kl-coefficient": 0.1}, 0.3, dict(extra=("behaviourLogp", "refLogp"))),
    ("m2po", {"form": "paper", "tau": 0.04}, 0.4, dict(extra=("behaviourLogp",))),
    ("m2po", {"form": "official-code", "tau": 0.04}, 0.4, dict(extra=("behaviourLogp",))),
    ("m2po", {"form": "areal", "tau": 0.04, **CLIP}, 0.4, dict(extra=("behaviourLogp",))),
    ("topr", {"level": "token"}, 0.4, dict(extra=("behaviourLogp",))),
    ("topr", {"level": "sequence"}, 0.4, dict(extra=("behaviourLogp",))),
    ("asymre", {"baseline-shift": -0.1}, 0.4, dict(reward=True)),
    ("chord", {**CHORD, "phi": False}, 0.4, dict(extra=("expert",))),
    ("chord", {**CHORD, "phi": True}, 0.4, dict(extra=("expert",))),
    ("kimi-k1.5", {"level": "sequence", "tau": 0.1}, 0.3, {}),
    ("kimi-k1.5", {"level": "token", "tau": 0.1, "aggregation": "token-mean"}, 0.3, {}),
    ("decoupled-ppo", {**CLIP, "action": "clamp", "upper": 1.2, "importance-sampling-level": "sequence"}, 0.3, dict(extra=("behaviourLogp",))),
    ("decoupled-ppo", {**CLIP, "level": "sequence", "upper": 1.1, "lower": 0.9}, 0.3, dict(extra=("behaviourLogp",))),
    ("decoupled-ppo", {**CLIP, "metric": "kl-k3", "upper": 0.03}, 0.3, dict(extra=("behaviourLogp",))),
    ("decoupled-ppo", {**CLIP, "metric": "kl-k2", "level": "sequence", "upper": 0.05}, 0.3, dict(extra=("behaviourLogp",))),
    ("decoupled-ppo", {**CLIP, "upper": 1.2, "prox-logp-method": "loglinear"}, 0.3, dict(extra=("behaviourLogp", "staleness"))),
    ("decoupled-ppo", {**CLIP, "upper": 1.2, "prox-logp-method": "linear"}, 0.3, dict(extra=("behaviourLogp", "staleness"))),
    ("ppo-ewma", {**CLIP, "imp-max": 1.4, "ewma-decay": 0.9}, 0.3, dict(extra=("behaviourLogp", "ewmaLogp"))),
    ("two-factor", {**CLIP, "action": "mask", "lower": 0.7, "upper": 1.4}, 0.3, dict(extra=("behaviourLogp", "trainLogpAtBehaviourVersion"))),
    ("two-factor", {**CLIP, "action": "clamp", "lower": 0.7, "upper": 1.2}, 0.3, dict(extra=("behaviourLogp", "trainLogpAtBehaviourVersion"))),
    ("dr-po", {**CLIP, "advantage": "gae", "gamma": 0.99, "lambda": 0.95, "reward-kl-coefficient": 0.05}, 0.3, dict(reward=True, extra=("refLogp", "value"))),
    *[("corrected", {"correction": c, "correction-settings": o}, 0.4, dict(extra=("behaviourLogp", "turn"))) for c, o in (
        ("tis", {"level": "token", "c": 1.3}), ("tis", {"level": "sequence", "c": 1.3}), ("tis", {"level": "segment", "c": 1.2}),
        ("tis", {"level": "token", "c": 1.3, "normalise": True}), ("tis", {"level": "sequence", "c": 1.3, "normalise": True}),
        ("mis", {"level": "token", "lower": 0.7, "upper": 1.4}), ("mis", {"level": "sequence", "lower": 0.5, "upper": 2.0}),
        ("mis", {"level": "segment", "lower": 0.7, "upper": 1.4}),
        ("geometric", {"lower": 0.9, "upper": 1.1, "weight": "none", "c": 2.0}),
        ("geometric", {"lower": 0.9, "upper": 1.1, "weight": "token", "c": 1.3}),
        ("k-divergence", {"estimator": "k1", "fold": "token", "lower": 0.8, "upper": 1.5}),
        ("k-divergence", {"estimator": "k1", "fold": "seq-sum", "lower": 0.5, "upper": 3.0}),
        ("k-divergence", {"estimator": "k2", "fold": "seq-max", "lower": 0.0, "upper": 0.15}),
        ("k-divergence", {"estimator": "k3", "fold": "seq-mean", "lower": 0.0, "upper": 0.07}),
        ("k-divergence", {"estimator": "k3", "fold": "seq-sum", "lower": 0.0, "upper": 0.5}),
        ("veto", {"veto": 0.5}))],
]


def main():
    counts = {}
    for seed, (method, settings, width, shape) in enumerate(CASES):
        sequences = draw(1000 + seed, width, **shape)
        batch = Batch(sequences)
        loss = MAKERS[method](batch, settings)
        loss.backward()
        grad = [[float(batch.logp.grad[t]) for t in span] for span in batch.spans]
        counts[method] = counts.get(method, 0) + 1
        name = "%s-%d" % (method, counts[method])
        expected = {"loss": float(loss.detach()), "dlogp": grad}
        if "reward" in sequences[0]:
            expected["advantages"] = [[float(batch.adv[t]) for t in span] for span in batch.spans]
        for key, tensor in getattr(batch, "extra", {}).items():
            expected["d" + key] = [[float(tensor.grad[t]) for t in span] for span in batch.spans]
        case = {"name": name, "source": "make.py in this folder, PyTorch autograd, float64", "tolerance": 1e-9}
        if method == "corrected":  # clipped GRPO at 0.2 under a correction; no method of its own
            case.update(correction=settings["correction"], correctionSettings=settings["correction-settings"])
        else:
            case.update(method=method, settings=settings)
        case.update(sequences=sequences, expected=expected)
        with open(name + ".json", "w") as f:
            json.dump(case, f)
            f.write("\n")
        zero = sum(x == 0 for row in grad for x in row)
        print("%-22s loss %+.6f, %d of %d gradients zero" % (name, expected["loss"], zero, batch.tokens))


if __name__ == "__main__":
    main()
