package io.ballast.method;

import io.ballast.advantage.AdvantageEstimator;
import io.ballast.advantage.TokenGae;
import io.ballast.advantage.TokenWeightedGroup;
import io.ballast.advantage.TurnGae;
import io.ballast.advantage.Whitening;
import io.ballast.objective.Aggregation;
import io.ballast.objective.Clip;
import io.ballast.objective.Column;
import io.ballast.objective.PolicyObjective;
import io.ballast.objective.RatioLevel;
import io.ballast.objective.SegmentRatio;
import io.ballast.objective.SegmentRatio.Gradient;
import io.ballast.objective.SegmentRatio.Size;
import io.ballast.objective.Term;
import io.ballast.objective.TokenRatio;
import io.ballast.objective.Weighed;
import io.ballast.objective.offpolicy.ClampedAdvantage;
import io.ballast.objective.offpolicy.ClippingBias;
import io.ballast.objective.offpolicy.EntropyClip;
import io.ballast.objective.offpolicy.FlowGuard;
import io.ballast.objective.offpolicy.HeterogeneousClip;
import io.ballast.objective.offpolicy.HybridRatio;
import io.ballast.objective.offpolicy.PositionNormalised;
import io.ballast.objective.offpolicy.TurnMean;
import java.util.ArrayList;
import java.util.List;

/** Methods known for the level of their ratio: sequence, sentence, turn, mixtures, or tokens that are not treated alike. */
final class GranularityMethods {
  private GranularityMethods() {}

  private static final String OURS = "ours";
  private static final String GSPO_PAPER = "Group Sequence Policy Optimization, arXiv 2507.18071";
  private static final String ST_PPO_PAPER = "ST-PPO: Stabilized Off-Policy PPO for Multi-Turn Agents Training, arXiv 2511.20718";

  static final Method GSPO = gspo("gspo", "GSPO: one ratio per answer, its geometric mean");

  static final Method GSPO_TOKEN = gspo("gspo-token", "GSPO-token: GSPO's ratio with advantages of each token's own");

  static final Method SSPO = Method.named("sspo", "SSPO: a ratio per sentence, clip bounds that follow its entropy")
      .paper("SSPO: Subsentence-level Policy Optimization, arXiv 2511.04256")
      .parts("sentence ratio (geometric mean)", "clip whose width follows sentence entropy", "group z-score")
      .confidence(Confidence.LOW)
      .guesswork("the map from entropy to bounds, its scale, the base bounds and the length normalisation are ours; the paper's are not public")
      .needs(Column.SENTENCE, Column.ENTROPY)
      .settings(
          Shared.clipLow(0.03, "ours: between GRPO's 0.2 and GSPO's 3e-4, for a tuned clip fraction").also("base-lo"),
          Shared.clipHigh(0.03, "ours: between GRPO's 0.2 and GSPO's 4e-4").also("base-hi"),
          Setting.number("a", 0.5, "in [0, 1): bounds are wider by 1 + a·z, z the sentence's entropy score in [-1, 1]", OURS),
          Setting.choice("ratio", "geometric", List.of("geometric", "product"), "a sentence's ratio as the geometric mean or the product of its tokens'",
              "ours: the essence of GSPO; a survey's note writes the product"))
      .settings(Shared.policy("seq-mean-token-mean", "GSPO, arXiv 2507.18071"))
      .settings(Shared.advantage("group-z-score", "arXiv 2511.04256"))
      .assembledBy(s -> Shared.assembly(s,
          Shared.policy(s, s.choice("ratio").equals("geometric")
                  ? new SegmentRatio(Column.SENTENCE, Size.MEAN, Gradient.OWN) : new SegmentRatio(Column.SENTENCE, Size.PRODUCT, Gradient.SHARED),
              new EntropyClip(s.number("clip-low"), s.number("clip-high"), s.number("a"))),
          Advantages.of(s), true, Column.SENTENCE, Column.ENTROPY));

  static final Method DHPO = Method.named("dhpo", "DHPO: token and sequence ratio mixed, each clipped in its own band")
      .paper("Orchestrating Tokens and Sequences: Dynamic Hybrid Policy Optimization for RLVR, arXiv 2601.05607")
      .parts("mixture of token and sequence ratio", "a clip for each before mixing", "group z-score")
      .confidence(Confidence.LOW)
      .guesswork("the order of clip and mixture, the direction of the entropy weight and every number are readings of ours")
      .settings(
          Setting.number("et-lo", 0.2, "the token's ratio is kept at or above 1 − this", "DAPO, arXiv 2503.14476; DHPO's is not known"),
          Setting.number("et-hi", 0.28, "the token's ratio is kept at or below 1 + this", "DAPO, arXiv 2503.14476; DHPO's is not known"),
          Setting.number("es-lo", 3e-4, "the sequence's ratio is kept at or above 1 − this", GSPO_PAPER),
          Setting.number("es-hi", 4e-4, "the sequence's ratio is kept at or below 1 + this", GSPO_PAPER),
          Setting.choice("reading", "a", List.of("a", "b", "c"),
              "a: min of the mixtures; b: mixture of the two clipped minima; c: the clipped mixture, no min", "ours: the composition is not published"),
          Setting.choice("weighting", "averaged", List.of("averaged", "entropy-guided"),
              "share of the token's ratio: w, or growing with its entropy within the answer", "arXiv 2601.05607 names both"),
          Setting.number("w", 0.5, "share of the token's ratio, weighting averaged only", "arXiv 2601.05607, the averaged weighting"),
          Setting.flag("invert", false, "entropy-guided the other way round: sure tokens use their own ratio", "ours: the direction is not published"))
      .settings(Shared.policy("seq-mean-token-mean", OURS))
      .settings(Shared.advantage("group-z-score", "arXiv 2601.05607"))
      .assembledBy(GranularityMethods::dhpo);

  static final Method TURN_PPO = Method.named("turn-ppo", "Turn-level importance sampling: one ratio per turn, advantages per token")
      .paper(ST_PPO_PAPER)
      .parts("turn ratio (geometric mean, full chain rule)", "clip around 1", "token advantages")
      .confidence(Confidence.MEDIUM)
      .needs(Column.TURN)
      .settings(Shared.clip(0.2, 0.2, ST_PPO_PAPER))
      .settings(Shared.policy("seq-mean-token-mean", ST_PPO_PAPER))
      .settings(critic())
      .assembledBy(s -> withCritic(s, Shared.policy(s, turn(Gradient.SHARED), Shared.clip(s)), Column.TURN));

  static final Method S_PPO = clippingBias("s-ppo", "S-PPO: PPO whose step shrinks when clipping has biased it");

  static final Method ST_PPO = clippingBias("st-ppo", "ST-PPO: turn ratio and a step that shrinks when clipping has biased it");

  static final Method TURN_GAE = Method.named("turn-gae", "Turn-PPO as a turn-level MDP: critic, GAE and clip once per turn")
      .paper("Turn-PPO: Turn-Level Advantage Estimation with PPO for Improved Multi-Turn RL in Agentic LLMs, arXiv 2512.17008")
      .paper("VAGEN (bi-level GAE), JamesKrW/verl")
      .kind(Kind.ADVANTAGE)
      .parts("GAE over turns", "turn ratio", "clip around 1", "mean over turns")
      .confidence(Confidence.MEDIUM)
      .guesswork("the form of the ratio, which is not verified")
      .needs(Column.TURN, Column.VALUE)
      .settings(Shared.clip(0.2, 0.2, "arXiv 1707.06347"))
      .settings(
          Setting.number("gamma", 0.99, "discount per turn", "arXiv 2512.17008, the best reported"),
          Setting.number("lambda", 0.9, "λ of GAE", "arXiv 2512.17008, the best reported"),
          Setting.choice("gae", "turn", List.of("turn", "bi-level"),
              "turn: one advantage per turn; bi-level: a token-level pass inside each turn follows", "arXiv 2512.17008; bi-level is VAGEN's"),
          Setting.number("token-gamma", 1, "discount per token inside a turn, bi-level only", "VAGEN"),
          Setting.flag("whiten", false, "advantages to mean 0 and deviation 1, over turns (bi-level: over tokens)", "off in the paper's formula; on in VAGEN and OAT"),
          Setting.choice("ratio", "geometric", List.of("geometric", "product", "token"),
              "a turn's ratio as the geometric mean or the product of its tokens', or each token's own",
              "ours: with the product, 0.2 would clip nearly everything"),
          Setting.choice("aggregation", "turn-mean", turnAggregations(), "how token losses become one number", "arXiv 2512.17008"))
      .settings(Shared.withoutAggregation())
      .assembledBy(GranularityMethods::turnGae);

  static final Method HAPO_TOKEN = Method.named("hapo-token", "HAPO: clip bounds and advantage follow each token's entropy")
      .paper("From Uniform to Heterogeneous: Tailoring Policy Optimization to Every Token's Nature, arXiv 2509.16591")
      .parts("token ratio", "clip per token by entropy", "advantage redistributed by entropy", "group z-score over tokens")
      .needs(Column.ENTROPY)
      .settings(
          Shared.clipLow(0.2, "HAPO, official code"), Shared.clipHigh(0.2, "HAPO, official code"),
          Shared.dualClip(10.0, "HAPO, official code"),
          Setting.number("entropy-pivot", 0.8, "quantile of log-entropy that is neutral", "HAPO, official code"),
          Setting.number("clip-alpha", 1, "how far entropy widens the bounds", "HAPO, official code"),
          Setting.number("adv-beta", 1, "how far entropy moves the advantage", "HAPO, official code"),
          Setting.choice("sign", "signed", List.of("signed", "released"),
              "signed: entropy below the pivot counts negative; released: the official code's sign slip", "arXiv 2509.16591"),
          Setting.number("advantage-limit", 5, "a group with some |A| at or above it falls back to the plain group z-score", "HAPO, official code"))
      .settings(Shared.policy("token-mean", "HAPO, official code"))
      .assembledBy(s -> Shared.assembly(s, Shared.policy(s, new TokenRatio(),
              new HeterogeneousClip(s.number("clip-low"), s.number("clip-high"), s.optional("dual-clip").orElse(Double.POSITIVE_INFINITY),
                  s.number("entropy-pivot"), s.number("clip-alpha"), s.number("adv-beta"), s.choice("sign").equals("released"), null)),
          new TokenWeightedGroup(s.number("advantage-limit")), true, Column.ENTROPY));

  static final Method GRPO_GUARD = Method.named("grpo-guard", "GRPO-Guard: log-ratios normalised step by step before they are clipped")
      .paper("GRPO-Guard: Mitigating Implicit Over-Optimization in Flow Matching via Regulated Clipping, arXiv 2510.22319")
      .guesswork("the form by position is ours")
      .parts("ratio normalised per position or denoising step", "clip around 1", "clamped advantage", "group z-score")
      .confidence(Confidence.MEDIUM)
      .settings(
          Shared.clipLow(0.2, "ours: the paper's values are not known"), Shared.clipHigh(0.2, "ours: the paper's values are not known"),
          Setting.choice("normalisation", "position", List.of("position", "flow"),
              "position: statistics of positions of an answer; flow: the paper's, from the columns of a denoising step",
              "ours for language models; flow is arXiv 2510.22319"),
          Setting.integer("bucket", 1, "positions that share statistics, normalisation position only", OURS),
          Setting.number("adv-clip-max", 5, "advantages are clipped to ± this", "verl-omni has the setting; the value is ours"))
      .settings(Shared.policy("seq-mean-token-mean", "arXiv 2510.22319: a mean over samples"))
      .settings(Shared.advantage("group-z-score", "arXiv 2510.22319"))
      .assembledBy(GranularityMethods::guard);

  static final List<Method> ALL = List.of(GSPO, GSPO_TOKEN, SSPO, DHPO, TURN_PPO, S_PPO, ST_PPO, TURN_GAE, HAPO_TOKEN, GRPO_GUARD);

  private static Method gspo(String id, String title) {
    return Method.named(id, title)
        .paper(GSPO_PAPER)
        .parts("sequence ratio (geometric mean)", "clip around 1", "group z-score", "mean over each answer, then over answers")
        .settings(Shared.clip(3e-4, 4e-4, GSPO_PAPER + ", section 5.1"))
        .settings(Shared.policy("seq-mean-token-mean", GSPO_PAPER))
        .settings(Shared.advantage("group-z-score", GSPO_PAPER))
        .assembledBy(s -> Shared.assembly(s, Shared.policy(s, SegmentRatio.sequenceMean(Gradient.OWN), Shared.clip(s)), Advantages.of(s), true));
  }

  private static Method clippingBias(String id, String title) {
    boolean turns = id.equals("st-ppo");
    Method.Description description = Method.named(id, title)
        .paper(ST_PPO_PAPER)
        .parts(turns ? "turn ratio (geometric mean, full chain rule)" : "token ratio", "clip around 1", "step divided by the norm of the clipped part",
            "token advantages")
        .confidence(Confidence.LOW)
        .guesswork("the scalar norm in the place of a gradient norm, and the floor, are ours")
        .settings(Shared.clip(0.2, 0.2, ST_PPO_PAPER))
        .settings(Setting.number("c0", 1, "the step is divided by max(1, c / c0), c the norm of the clipped tokens' share", OURS))
        .settings(Shared.policy("seq-mean-token-mean", ST_PPO_PAPER))
        .settings(critic());
    if (turns) description.needs(Column.TURN);
    return description.assembledBy(s -> {
      RatioLevel level = turns ? turn(Gradient.SHARED) : new TokenRatio();
      Clip clip = Shared.clip(s);
      PolicyObjective objective = Shared.policy(s, level, clip)
          .with(new ClippingBias(level, clip.low(), clip.high(), s.number("c0")));
      return turns ? withCritic(s, objective, Column.TURN) : withCritic(s, objective);
    });
  }

  private static RatioLevel turn(Gradient gradient) {
    return new SegmentRatio(Column.TURN, Size.MEAN, gradient);
  }

  private static Assembly dhpo(Settings s) {
    var composition = switch (s.choice("reading")) {
      case "a" -> HybridRatio.Composition.MIN_OF_MIXTURES;
      case "b" -> HybridRatio.Composition.MIXTURE_OF_MINS;
      default -> HybridRatio.Composition.CLIPPED_ONLY;
    };
    boolean guided = s.choice("weighting").equals("entropy-guided");
    var weight = !guided ? HybridRatio.Weight.SHARE : s.flag("invert") ? HybridRatio.Weight.INVERSE_ENTROPY : HybridRatio.Weight.ENTROPY;
    var term = new HybridRatio(new HybridRatio.Band(s.number("et-lo"), s.number("et-hi")),
        new HybridRatio.Band(s.number("es-lo"), s.number("es-hi")), composition, weight, s.number("w"));
    String[] columns = guided ? new String[] {Column.ENTROPY} : new String[0];
    return Shared.assembly(s, Shared.policy(s, new TokenRatio(), term), Advantages.of(s), true, columns);
  }

  private static List<String> turnAggregations() {
    List<String> names = new ArrayList<>(List.of("turn-mean"));
    names.addAll(Aggregation.NAMES);
    return names;
  }

  private static Assembly turnGae(Settings s) {
    String ratio = s.choice("ratio");
    RatioLevel level = ratio.equals("token") ? new TokenRatio()
        : new SegmentRatio(Column.TURN, ratio.equals("product") ? Size.PRODUCT : Size.MEAN, Gradient.SHARED);
    boolean turnMean = s.choice("aggregation").equals("turn-mean");
    Aggregation aggregation = turnMean ? new Aggregation.SeqMeanTokenSum() : Shared.aggregation(s);
    PolicyObjective objective = Shared.policy(s, level, Shared.clip(s), aggregation);
    if (turnMean) objective = byTurns(objective);
    AdvantageEstimator gae = new TurnGae(s.number("gamma"), s.number("lambda"), s.number("token-gamma"), s.choice("gae").equals("bi-level"),
        s.flag("whiten"));
    return Shared.assembly(s, objective, gae, true, Column.TURN, Column.VALUE);
  }

  /** The policy term and every penalty count each turn alike. */
  private static PolicyObjective byTurns(PolicyObjective objective) {
    TurnMean mean = new TurnMean();
    List<Term> penalties = objective.penalties().stream().<Term>map(penalty -> new Weighed(penalty, mean)).toList();
    return new PolicyObjective(objective.level(), objective.surrogate(), objective.weightings(), penalties, objective.aggregation()).with(mean);
  }

  private static Assembly guard(Settings s) {
    Clip clip = new Clip(1 - s.number("clip-low"), 1 + s.number("clip-high"));
    if (s.choice("normalisation").equals("position")) {
      return Shared.assembly(s, Shared.policy(s, new PositionNormalised(s.integer("bucket"), null),
          new ClampedAdvantage(clip, s.number("adv-clip-max"))), Advantages.of(s), true);
    }
    for (String off : List.of("kl-coefficient", "entropy-coefficient")) {
      if (s.number(off) != 0) throw new IllegalArgumentException(off + " must be 0 with normalisation flow: a denoising step has no such term here");
    }
    for (String off : List.of("off-policy-mask", "top-entropy")) {
      if (s.isSet(off)) throw new IllegalArgumentException(off + " must be none with normalisation flow: a denoising step is no token");
    }
    return new Assembly(new FlowGuard(clip, s.number("adv-clip-max"), Shared.aggregation(s)), Advantages.of(s), true,
        List.of(Column.MEAN_SHIFT_SQUARED, Column.NOISE_SCALE, Column.STEP_SIZE));
  }

  /** Where the paper has a critic: what stands in for it, or GAE from the column {@code value}. */
  static List<Setting> critic() {
    return List.of(
        Shared.advantageOrGae("group-z-score", "no critic here; the paper's is gae"),
        Setting.number("gamma", 1, "discount per token, gae and reinforce-pp", "verl"),
        Setting.number("lambda", 0.95, "λ, gae only", "TRL"),
        Setting.number("reward-kl-coefficient", 0, "KL to the reference taken from the reward: of each token with gae, of the answer otherwise", Shared.OFF),
        Setting.flag("whiten", true, "advantages to mean 0 and deviation 1 over the step, gae only", "verl"));
  }

  /** An assembly whose settings include {@link #critic}. */
  static Assembly withCritic(Settings s, PolicyObjective objective, String... columns) {
    List<String> reads = new ArrayList<>(List.of(columns));
    double kl = s.number("reward-kl-coefficient");
    if (kl != 0) reads.add(Column.REF_LOGP);
    if (!s.choice("advantage").equals("gae")) return Shared.assembly(s, objective, Advantages.of(s), true, reads.toArray(String[]::new));
    reads.add(Column.VALUE);
    return Shared.assembly(s, objective, new TokenGae(s.number("gamma"), s.number("lambda"), kl, s.flag("whiten") ? Whitening.INSIDE : Whitening.NONE), true,
        reads.toArray(String[]::new));
  }
}
