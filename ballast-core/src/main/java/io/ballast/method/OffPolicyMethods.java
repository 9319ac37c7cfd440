package io.ballast.method;

import io.ballast.advantage.ShiftedGroupMean;
import io.ballast.control.AnchorAverage;
import io.ballast.objective.Check;
import io.ballast.objective.Clip;
import io.ballast.objective.Column;
import io.ballast.objective.DivergenceFilter;
import io.ballast.objective.Joined;
import io.ballast.objective.MaskedImportance;
import io.ballast.objective.OffPolicyRatio;
import io.ballast.objective.PolicyObjective;
import io.ballast.objective.RatioAgainst;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.SegmentRatio;
import io.ballast.objective.SegmentRatio.Gradient;
import io.ballast.objective.SegmentRatio.Size;
import io.ballast.objective.Term;
import io.ballast.objective.TokenRatio;
import io.ballast.objective.TruncatedImportance;
import io.ballast.objective.TruncatedImportance.Against;
import io.ballast.objective.WeightClip;
import io.ballast.objective.Weighting;
import io.ballast.objective.WeightingChain;
import io.ballast.objective.offpolicy.AnchoredClip;
import io.ballast.objective.offpolicy.Chord;
import io.ballast.objective.offpolicy.DriftPenalty;
import io.ballast.objective.offpolicy.MismatchMask;
import io.ballast.objective.offpolicy.MixingSchedule;
import io.ballast.objective.offpolicy.ProximalFrom;
import io.ballast.objective.offpolicy.ProximalMask;
import io.ballast.objective.offpolicy.SecondMomentClip;
import io.ballast.objective.offpolicy.SecondMomentMask;
import io.ballast.objective.offpolicy.Tapered;
import io.ballast.objective.offpolicy.TruncatedTotal;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Methods made for data that the current policy did not sample, or for telling several policies apart. */
final class OffPolicyMethods {
  private OffPolicyMethods() {}

  // Methods that tell the proximal policy from the sampler's list behaviourLogp among their columns, though a batch without it means
  // that the two are one: it is how a trainer knows to recompute the proximal one.

  private static final double FREE = Double.POSITIVE_INFINITY;
  private static final String AREAL = "AReaL, arXiv 2505.24298";
  private static final String EWMA = "Batch size-invariance for policy optimization, arXiv 2110.00641";

  static final Method MINIRL = Method.named("minirl", "MiniRL: REINFORCE weighted against the sampler, masked against the proximal policy")
      .paper("Stabilizing Reinforcement Learning with LLMs: Formulation and Practices, arXiv 2512.01374")
      .needs(Column.BEHAVIOUR_LOGP)
      .parts("token ratio to the sampler as detached weight", "PPO's clip as a mask", "reward minus group mean", "no length normalisation")
      .confidence(Confidence.MEDIUM)
      .guesswork("the numbers are recalled and not verified")
      .settings(
          Shared.clipLow(0.2, "arXiv 2512.01374, recalled and not verified"), Shared.clipHigh(0.27, "arXiv 2512.01374, recalled and not verified"),
          Setting.optionalNumber("weight-cap", 5.0, "largest weight against the sampler", "arXiv 2512.01374, recalled and not verified"))
      .settings(Shared.policy("seq-mean-token-sum", "arXiv 2512.01374"))
      .settings(Shared.advantage("group-mean", "ours: whether the paper divides by the deviation is not known"))
      .assembledBy(s -> Shared.assembly(s,
          Shared.policy(s, behaviour(), new WeightClip(0, s.optional("weight-cap").orElse(FREE)))
              .with(new ProximalMask(1 - Shared.notNegative(s, "clip-low"), 1 + Shared.notNegative(s, "clip-high"))),
          Advantages.of(s), true, Column.BEHAVIOUR_LOGP));

  static final Method OFF_POLICY_GRPO = Method.named("off-policy-grpo", "Off-policy GRPO: the band moves with the ratio the proximal policy has")
      .paper("Revisiting GRPO: Insights into On-Policy and Off-Policy Training, arXiv 2505.22257")
      .needs(Column.BEHAVIOUR_LOGP)
      .parts("token ratio to the sampler", "clip around the proximal policy's ratio", "group z-score under the sampler")
      .confidence(Confidence.MEDIUM)
      .guesswork("the clip centre, which is recalled")
      .settings(
          Shared.clipLow(0.2, "GRPO, arXiv 2402.03300"), Shared.clipHigh(0.2, "GRPO, arXiv 2402.03300"),
          Setting.choice("centre", "anchor", List.of("anchor", "one"),
              "anchor: the band stands around exp(oldLogp − behaviourLogp); one: around 1", "arXiv 2505.22257; one is what libraries do"))
      .settings(Shared.policy("seq-mean-token-mean", "GRPO, arXiv 2402.03300"))
      .settings(Shared.advantage("group-z-score", "arXiv 2505.22257"))
      .assembledBy(s -> Shared.assembly(s, Shared.policy(s, behaviour(), offPolicyClip(s)), Advantages.of(s), true,
          Column.BEHAVIOUR_LOGP));

  static final Method DECOUPLED_PPO = Method.named("decoupled-ppo", "Decoupled PPO: clip against the proximal policy, correct for the sampler")
      .paper("AReaL: A Large-Scale Asynchronous Reinforcement Learning System for Language Reasoning, arXiv 2505.24298")
      .paper("A-3PO, arXiv 2512.06547 (interpolated proximal policy)")
      .paper(EWMA + " (origin of the decoupled objective)")
      .needs(Column.BEHAVIOUR_LOGP)
      .parts("token ratio to the proximal policy", "clip around 1", "masked importance weight of proximal over sampler", "group z-score")
      .settings(Shared.clip(0.2, 0.2, AREAL))
      .settings(
          Setting.choice("importance-sampling-level", "token", List.of("token", "sequence"), "level of the clipped ratio", AREAL),
          Setting.choice("action", "mask", List.of("mask", "clamp"),
              "what happens beyond the bounds: dropped, or the ratio truncated", "AReaL, its historical behaviour"),
          Setting.choice("level", "token", List.of("token", "sequence"),
              "level of the proximal over the sampler's ratio; sequence is its geometric mean", AREAL),
          Setting.choice("metric", "ratio", List.of("ratio", "kl-k1", "kl-k2", "kl-k3"), "what is compared with the bounds", AREAL),
          Setting.choice("agg", "mean", List.of("sum", "mean", "max"), "how a KL metric of a sequence is folded", AREAL),
          Setting.number("upper", 5, "upper bound", AREAL),
          Setting.optionalNumber("lower", null, "lower bound", AREAL),
          Setting.choice("prox-logp-method", "recompute", List.of("recompute", "loglinear", "linear"),
              "where the proximal policy comes from: computed, or interpolated by the column staleness", AREAL))
      .settings(Shared.policy("token-mean", AREAL))
      .settings(Shared.advantage("group-z-score", AREAL))
      .assembledBy(OffPolicyMethods::decoupled);

  static final Method PPO_EWMA = Method.named("ppo-ewma", "PPO-EWMA: the clip's anchor is a moving average of the policy")
      .paper(EWMA)
      .needs(Column.BEHAVIOUR_LOGP)
      .parts("token ratio to the averaged policy", "clip around 1", "importance weight with the total ratio truncated")
      .settings(Shared.clip(0.2, 0.2, EWMA))
      .settings(
          Setting.number("imp-max", 100, "largest total ratio exp(logp − behaviourLogp)", "openai/ppo-ewma"),
          Setting.optionalNumber("beta", null, "instead of clipping: a penalty of beta/2 · (logp − anchor)²", "openai/ppo-ewma, off"),
          Setting.optionalNumber("ewma-decay", null,
              "decay of the averaged policy per optimizer step, read from the column ewmaLogp; none: the anchor is oldLogp", "openai/ppo-ewma, off").also("b"))
      .settings(Shared.policy("token-mean", "openai/ppo-ewma"))
      .settings(Shared.advantage("group-z-score", "no critic here; arXiv 2402.03300"))
      .assembledBy(OffPolicyMethods::ewma);

  static final Method TWO_FACTOR = Method.named("two-factor", "Two-factor ratio: engine mismatch and staleness corrected apart")
      .paper("Missing Old Logits in Asynchronous Agentic RL, arXiv 2605.12070")
      .parts("token ratio to the exact old policy", "clip around 1", "tight mask or truncation of the engine mismatch")
      .confidence(Confidence.MEDIUM)
      .guesswork("its revised averaging rule, which is not built in")
      .needs(Column.BEHAVIOUR_LOGP, Column.SAMPLING_LOGP)
      .settings(Shared.clip(0.2, 0.2, "arXiv 1707.06347"))
      .settings(
          Setting.choice("action", "mask", List.of("mask", "clamp"), "beyond the bounds the mismatch is dropped, or truncated above",
              "arXiv 2605.12070 names both"),
          Setting.number("lower", 0.5, "lower bound of the mismatch ratio, mask only", "slime, mis.yaml"),
          Setting.number("upper", 2, "upper bound of the mismatch ratio", "slime, mis.yaml"))
      .settings(Shared.policy("token-mean", "verl, the default"))
      .settings(Shared.advantage("group-z-score", "arXiv 2402.03300"))
      .assembledBy(s -> {
        OffPolicyRatio mismatch = OffPolicyRatio.token(Against.SAMPLING);
        Weighting weight = s.choice("action").equals("mask")
            ? new MaskedImportance(mismatch, s.number("lower"), s.number("upper"), false)
            : new TruncatedImportance(mismatch, s.number("upper"));
        return Shared.assembly(s, Shared.policy(s, new RatioAgainst(Column.SAMPLING_LOGP, new TokenRatio()), Shared.clip(s)).with(weight),
            Advantages.of(s), true, Column.BEHAVIOUR_LOGP, Column.SAMPLING_LOGP);
      });

  static final Method DEEPSEEK = Method.named("deepseek-v3.2", "DeepSeek-V3.2: off-policy sequence mask and unbiased KL")
      .paper("DeepSeek-V3.2, arXiv 2512.02556, section 3.1")
      .parts("token ratio", "clip around 1", "mask on drifted negative sequences", "unbiased KL estimate", "reward minus group mean")
      .settings(Shared.clip(0.2, 0.2, "GRPO, arXiv 2402.03300"))
      .settings(Shared.policy("seq-mean-token-mean", "GRPO, arXiv 2402.03300").stream().map(setting -> switch (setting.name()) {
        case "off-policy-mask" -> setting.withDefault(0.5, "TRL's suggestion; the paper's is not published");
        case "kl-estimator" -> setting.withDefault("unbiased-k3", "arXiv 2512.02556");
        default -> setting;
      }).toList())
      .settings(Shared.advantage("group-mean", "arXiv 2512.02556, second-hand"))
      .assembledBy(s -> Shared.assembly(s, Shared.policy(s, new TokenRatio(), Shared.clip(s)), Advantages.of(s), true));

  static final Method M2PO = Method.named("m2po", "M2PO: drops the tokens that break a budget on the second moment of the log-ratio")
      .paper("Prosperity before Collapse: How Far Can Off-Policy RL Reach with Stale Data on LLMs?, arXiv 2510.01161")
      .parts("token ratio to the sampler", "second-moment mask over the step", "no clip", "group z-score")
      .settings(
          Setting.choice("form", "paper", List.of("paper", "official-code", "areal"),
              "paper: a mask; official-code: clip bounds from the budget; areal: a mask on proximal against sampler, then decoupled PPO",
              "arXiv 2510.01161, algorithm 1"),
          Setting.number("tau", 0.04, "budget on the mean squared log-ratio", "arXiv 2510.01161"),
          Setting.number("miniclip-low", 0, "official-code: the lower bound is at most 1 − this", "official scripts pass none; the code's default is 0.3"),
          Setting.number("miniclip-high", 0, "official-code: the upper bound is at least 1 + this", "official scripts pass none; the code's default is 0.5"),
          Shared.clipLow(0.2, "areal only; AReaL, arXiv 2505.24298"), Shared.clipHigh(0.2, "areal only; AReaL, arXiv 2505.24298"))
      .settings(Shared.policy("token-mean", "arXiv 2510.01161"))
      .settings(Shared.advantage("group-z-score", "arXiv 2510.01161"))
      .assembledBy(s -> s.choice("form").equals("areal")
          ? Shared.assembly(s, m2po(s), Advantages.of(s), true, Column.BEHAVIOUR_LOGP)
          : Shared.assembly(s, m2po(s), Advantages.of(s), true));

  static final Method TOPR = Method.named("topr", "TOPR: positives at full weight, negatives tapered by their ratio")
      .paper("Tapered Off-Policy REINFORCE, arXiv 2503.14286")
      .parts("ratio to the sampler as detached weight, in [0, 1] for A < 0 and 1 for A > 0", "group z-score")
      .settings(
          Setting.choice("level", "token", List.of("token", "sequence"), "whose ratio tapers", "ROLL and Trinity-RFT; the paper's is the sequence's"),
          Setting.choice("positive", "advantage", List.of("advantage", "score"), "whose sign makes an answer positive: the advantage's or the raw reward's",
              "arXiv 2503.14286, whose reward less its baseline is the advantage; Trinity-RFT; ROLL: score"),
          Setting.number("w-pos", 1, "weight of positives", "ROLL"),
          Setting.number("w-neg", 1, "weight of negatives, beside their tapered ratio", "ROLL"))
      .settings(Shared.policy("token-mean", "Trinity-RFT"))
      .settings(Shared.advantage("group-z-score", "ROLL and Trinity-RFT; the paper takes the reward over a tuned baseline"))
      .assembledBy(s -> Shared.assembly(s,
          Shared.policy(s, s.choice("level").equals("token") ? behaviour() : RatioAgainst.behaviour(product()),
              new Tapered(s.choice("positive").equals("score"), s.number("w-pos"), s.number("w-neg"))),
          Advantages.of(s), true, s.choice("positive").equals("score") ? new String[] {Column.REWARD} : new String[0]));

  static final Method ASYMRE = Method.named("asymre", "AsymRE: REINFORCE with a baseline below the group mean")
      .paper("Asymmetric REINFORCE for off-Policy RL, arXiv 2506.20520")
      .parts("no ratio", "reward minus a shifted group mean")
      .confidence(Confidence.MEDIUM)
      .settings(Setting.number("baseline-shift", -0.1, "added to the group mean, in units of reward", "Trinity-RFT"))
      .settings(Shared.policy("seq-mean-token-sum", "arXiv 2506.20520: the log-probability of the whole answer"))
      // off policy by design: the baseline stands in for a correction
      .assembledBy(s -> Shared.assembly(s, Shared.policy(s, new TokenRatio(), WeightClip.NONE), new ShiftedGroupMean(s.number("baseline-shift")), true));

  static final Method CHORD = Method.named("chord", "CHORD: supervised loss on expert data beside GRPO, its weight on a schedule")
      .paper("On-Policy RL Meets Off-Policy Experts, arXiv 2508.11408")
      .parts("GRPO on the policy's own answers", "likelihood of expert answers", "weight μ on a schedule", "optional token weight p(1 − p)")
      .needs(Column.EXPERT)
      .settings(Shared.clip(0.2, 0.2, "GRPO, arXiv 2402.03300"))
      .settings(
          Setting.integer("w", 0, "optimizer steps in which μ grows from 0 to peak", "ms-swift, example"),
          Setting.integer("d", 200, "optimizer steps in which μ falls along a cosine to valley", "ms-swift, example"),
          Setting.number("peak", 0.9, "largest weight of the supervised loss", "ms-swift, example").also("mu-peak"),
          Setting.number("valley", 0.05, "weight of the supervised loss at the end", "ms-swift, example").also("mu-valley"),
          Setting.flag("phi", false, "whether expert tokens are weighted by p (1 − p)", "ms-swift, example"))
      .settings(Shared.policy("seq-mean-token-mean", "GRPO, arXiv 2402.03300"))
      .settings(Shared.advantage("group-z-score", "GRPO, arXiv 2402.03300"))
      .assembledBy(s -> {
        Assembly grpo = Shared.assembly(s, Shared.policy(s, new TokenRatio(), Shared.clip(s)), Advantages.of(s), true, Column.EXPERT);
        var schedule = new MixingSchedule(s.whole("w"), s.whole("d"), s.number("peak"), s.number("valley"));
        return new Assembly(new Chord(grpo.objective(), schedule, s.flag("phi")), grpo.advantages(), true, grpo.columns());
      });

  static final Method PREFIX_RL = Method.named("prefix-rl", "PrefixRL: ordinary RL on completions of correct off-policy prefixes")
      .paper("Reuse your FLOPs: Scaling RL on Hard Problems by Conditioning on Very Off-Policy Prefixes, arXiv 2601.18795")
      .parts("prefixes as context, never trained on", "token ratio", "clip around 1", "group z-score within a prefixed problem")
      .kind(Kind.SELECTION)
      .confidence(Confidence.MEDIUM)
      .guesswork("the choice of prefix lengths, which is ours")
      .settings(Shared.clip(0.2, 0.2, "any estimator will do; GRPO, arXiv 2402.03300"))
      .settings(Shared.policy("seq-mean-token-mean", "GRPO, arXiv 2402.03300"))
      .settings(Shared.advantage("group-z-score", "GRPO, arXiv 2402.03300"))
      .settings(
          Setting.number("prefix-share", 0.5, "share of the prompts whose answers start from a prefix, training only", SoftMethods.OURS),
          Setting.number("cut-first", 0.1, "shortest prefix, as a fraction of the trace, training only", SoftMethods.OURS),
          Setting.number("cut-last", 0.7, "longest prefix, training only", SoftMethods.OURS),
          Setting.integer("cuts", 5, "lengths of prefixes, evenly spaced, each as likely, training only", SoftMethods.OURS))
      .assembledBy(s -> BaselineMethods.clipped(s).with(Supply.PLAIN.withRollIn(new RollIn(s.number("prefix-share"), grid(s)))));

  static final Method DR_PO = Method.named("dr-po", "DR-PO: PPO on answers that start from a prefix of the dataset's")
      .paper("Dataset Reset Policy Optimization for RLHF, arXiv 2404.08495")
      .parts("roll-in tokens as context, never trained on", "token ratio", "clip around 1", "token advantages")
      .confidence(Confidence.MEDIUM)
      .guesswork("the law of the cut, which was not read")
      .settings(Shared.clip(0.2, 0.2, "arXiv 1707.06347"))
      .settings(Shared.policy("token-mean", "Cornell-RL/drpo"))
      .settings(GranularityMethods.critic().stream().map(setting -> setting.name().equals("reward-kl-coefficient")
          ? setting.withDefault(0.0, "off unless set, so that no reference is needed; Cornell-RL/drpo has 0.05") : setting).toList())
      .settings(Setting.number("beta", 1, "share of the prompts whose answers start from a prefix of the dataset's, training only", "Cornell-RL/drpo"))
      .assembledBy(s -> GranularityMethods.withCritic(s, Shared.policy(s, new TokenRatio(), Shared.clip(s)))
          .with(Supply.PLAIN.withRollIn(new RollIn(s.number("beta"), List.of()))));

  static final Method KIMI = Method.named("kimi-k1.5", "Kimi k1.5: mirror descent, a squared log-ratio instead of a clip")
      .paper("Kimi k1.5: Scaling Reinforcement Learning with LLMs, arXiv 2501.12599")
      .parts("no importance weight", "squared log-ratio penalty", "reward minus group mean")
      .confidence(Confidence.MEDIUM)
      .settings(
          Setting.number("tau", 0.1, "weight of the squared log-ratio", "ROLL"),
          Setting.choice("level", "sequence", List.of("sequence", "token"), "whose log-ratio is squared", "arXiv 2501.12599; token is ROLL's"))
      .settings(Shared.policy("seq-mean-token-sum", "arXiv 2501.12599: a mean over answers of whole log-probabilities"))
      .settings(Shared.advantage("group-mean", "arXiv 2501.12599"))
      // off policy by design: mirror descent is agnostic of the sampler
      .assembledBy(s -> Shared.assembly(s,
          Shared.policy(s, new TokenRatio(), new Joined(WeightClip.NONE, new DriftPenalty(s.number("tau"), s.choice("level").equals("sequence")))),
          Advantages.of(s), true));

  static final List<Method> ALL = List.of(MINIRL, OFF_POLICY_GRPO, DECOUPLED_PPO, PPO_EWMA, TWO_FACTOR, DEEPSEEK, M2PO, TOPR, ASYMRE, CHORD,
      PREFIX_RL, DR_PO, KIMI);

  private static List<Double> grid(Settings s) {
    long cuts = s.whole("cuts");
    Check.atLeast("cuts", cuts, 1);
    double first = s.number("cut-first"), last = s.number("cut-last");
    Check.within("cut-last", last, first, Math.nextDown(1.0));
    return LongStream.range(0, cuts).mapToObj(i -> cuts == 1 ? last : first + (last - first) * i / (cuts - 1)).toList();
  }

  private static RatioLevel behaviour() {
    return RatioAgainst.behaviour(new TokenRatio());
  }

  private static RatioLevel product() {
    return new SegmentRatio(null, Size.PRODUCT, Gradient.OWN);
  }

  private static Term offPolicyClip(Settings s) {
    double low = Shared.notNegative(s, "clip-low"), high = Shared.notNegative(s, "clip-high");
    return s.choice("centre").equals("anchor") ? new AnchoredClip(low, high) : new Clip(1 - low, 1 + high);
  }

  private static Assembly decoupled(Settings s) {
    RatioLevel level = s.choice("importance-sampling-level").equals("token") ? new TokenRatio() : SegmentRatio.sequenceMean(Gradient.OWN);
    PolicyObjective objective = Shared.policy(s, level, Shared.clip(s)).with(arealCorrection(s));
    Assembly assembly = Shared.assembly(s, objective, Advantages.of(s), true, Column.BEHAVIOUR_LOGP);
    if (s.choice("prox-logp-method").equals("recompute")) return assembly;
    return new Assembly(new ProximalFrom(objective, s.choice("prox-logp-method").equals("linear") ? ProximalFrom.Source.LINEAR : ProximalFrom.Source.LOG_LINEAR), assembly.advantages(), true,
        Stream.concat(assembly.columns().stream(), Stream.of(Column.STALENESS)).toList());
  }

  /** The weight of proximal over sampler and what happens to it beyond its bounds. */
  private static Weighting arealCorrection(Settings s) {
    boolean sequence = s.choice("level").equals("sequence");
    var ratio = new OffPolicyRatio(Against.PROXIMAL, sequence ? OffPolicyRatio.Level.GEOMETRIC : OffPolicyRatio.Level.TOKEN);
    double upper = s.number("upper"), lower = s.optional("lower").orElse(0);
    String metric = s.choice("metric");
    if (s.choice("action").equals("clamp")) {
      if (!metric.equals("ratio")) throw new IllegalArgumentException("action clamp goes with metric ratio, got " + metric);
      if (lower > 0) throw new IllegalArgumentException("lower must be none with action clamp: only the top is truncated");
      return new TruncatedImportance(ratio, upper);
    }
    if (metric.equals("ratio")) return new MaskedImportance(ratio, lower, upper, false);
    var estimator = DivergenceFilter.Estimator.valueOf(metric.substring(3).toUpperCase(Locale.ROOT));
    var fold = !sequence ? DivergenceFilter.Fold.TOKEN
        : DivergenceFilter.Fold.valueOf("SEQ_" + s.choice("agg").toUpperCase(Locale.ROOT));
    return new WeightingChain(List.of(new DivergenceFilter(Against.PROXIMAL, estimator, fold, lower, upper), new TruncatedImportance(ratio, FREE)));
  }

  private static Assembly ewma(Settings s) {
    boolean averaged = s.isSet("ewma-decay");
    PolicyObjective objective = s.isSet("beta")
        ? Shared.policy(s, new TokenRatio(), new Clip(Double.NEGATIVE_INFINITY, FREE)).with(new DriftPenalty(s.number("beta"), false))
        : Shared.policy(s, new TokenRatio(), Shared.clip(s));
    objective = objective.with(new TruncatedTotal(s.number("imp-max")));
    Assembly assembly = Shared.assembly(s, objective, Advantages.of(s), true, Column.BEHAVIOUR_LOGP);
    if (!averaged) return assembly;
    var average = new AnchorAverage(s.number("ewma-decay"));
    return new Assembly(new ProximalFrom(objective, ProximalFrom.Source.MOVING_AVERAGE), assembly.advantages(), true,
        Stream.concat(assembly.columns().stream(), Stream.of(Column.EWMA_LOGP)).toList(), Supply.PLAIN.withAverage(average));
  }

  private static PolicyObjective m2po(Settings s) {
    double tau = s.number("tau");
    return switch (s.choice("form")) {
      case "paper" -> Shared.policy(s, behaviour(), new SecondMomentMask(tau));
      case "official-code" -> Shared.policy(s, behaviour(), new SecondMomentClip(tau, s.number("miniclip-low"), s.number("miniclip-high")));
      default -> Shared.policy(s, new TokenRatio(), new Clip(1 - Shared.notNegative(s, "clip-low"), 1 + Shared.notNegative(s, "clip-high")))
          .with(new MismatchMask(tau));
    };
  }
}
