package io.ballast.method;

import io.ballast.advantage.AdvantageEstimator;
import io.ballast.advantage.WhitenedResidual;
import io.ballast.control.AdaptiveEntropy;
import io.ballast.control.AdaptiveKl;
import io.ballast.control.Improvement;
import io.ballast.control.SafeControl;
import io.ballast.control.Steered;
import io.ballast.control.SteeredTerm;
import io.ballast.objective.Clip;
import io.ballast.objective.Column;
import io.ballast.objective.KlPenalty;
import io.ballast.objective.Objective;
import io.ballast.objective.PolicyObjective;
import io.ballast.objective.Term;
import io.ballast.objective.TokenRatio;
import io.ballast.objective.soft.ColumnLoss;
import io.ballast.objective.soft.ConstantCharge;
import io.ballast.objective.soft.EditedAdvantage;
import io.ballast.objective.soft.ProximalKl;
import io.ballast.objective.soft.QuadraticPull;
import io.ballast.objective.soft.Retrospection;
import io.ballast.objective.soft.SoftMinCritic;
import io.ballast.objective.soft.TeacherSignal;
import io.ballast.objective.soft.UpperClip;
import io.ballast.objective.soft.VirtualTemperature;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Methods that measure something in a step and act on it in the next, or that edit the advantages of a known objective. */
final class ControlledMethods {
  private ControlledMethods() {}

  private static final String GRPO = "arXiv 2402.03300";

  static final Method ADAPTIVE_ENTROPY = Method.named("adaptive-entropy", "Adaptive entropy: a bonus that grows while entropy is below target")
      .paper("Skywork Open Reasoner 1, arXiv 2505.22312")
      .kind(Kind.CONTROLLER)
      .parts("token ratio", "clip around 1", "entropy bonus, coefficient as memory", "group z-score", "mean over tokens")
      .needs(Column.ENTROPY)
      // no two-sided delta: the source's delta is the coefficient's step, and a dual clip does the same
      .settings(Shared.clipLow(0.2, GRPO), Shared.clipHigh(0.2, GRPO), Shared.dualClip(null, Shared.OFF))
      .settings(
          Setting.choice("variant", "skywork", List.of("skywork", "trl"),
              "entropy measured as −oldLogp of the samples and a strict test, or exactly (column entropy) and a test with equality", "arXiv 2505.22312"),
          Setting.number("c-0", 0, "coefficient before the first step", "Skywork's scripts"),
          Setting.number("delta", 1e-4, "how much the coefficient moves a step", "Skywork's scripts (TRL: 0.005)"),
          Setting.number("h-tgt", 0.2, "entropy below which the bonus acts and grows, nats", "Skywork's scripts, TRL").also("target"),
          Setting.number("c-min", 0, "the smallest coefficient", "Skywork's scripts, TRL"),
          Setting.number("c-max", 0.005, "the largest coefficient", "Skywork's scripts (TRL: 1)"))
      .settings(Shared.policy("token-mean", "Skywork's scripts"))
      .settings(Shared.advantage("group-z-score", GRPO))
      .assembledBy(settings -> {
        PolicyObjective policy = Shared.policy(settings, new TokenRatio(), new Clip(1 - Shared.notNegative(settings, "clip-low"),
            1 + Shared.notNegative(settings, "clip-high"), Shared.dual(settings)));
        var control = new AdaptiveEntropy(settings.number("c-0"), Double.POSITIVE_INFINITY, settings.number("delta"), settings.number("h-tgt"),
            settings.number("c-min"), settings.number("c-max"), settings.choice("variant").equals("skywork"));
        Objective bonus = new Steered<>(control, now -> ColumnLoss.entropyBonus(now.coefficient(), Shared.topEntropy(settings)));
        return SoftMethods.beside(settings, policy, policy.plus(bonus), Advantages.of(settings), Column.ENTROPY);
      });

  static final Method ADAPTIVE_KL = Method.named("adaptive-kl", "Adaptive KL: the penalty's weight follows a target divergence")
      .paper("Fine-Tuning Language Models from Human Preferences, arXiv 1909.08593")
      .paper("Proximal Policy Optimization Algorithms, arXiv 1707.06347, section 4")
      .kind(Kind.CONTROLLER)
      .parts("token ratio", "clip around 1 or none", "KL penalty, coefficient as memory", "group z-score", "mean over tokens")
      .needs(Column.REF_LOGP)
      .settings(Shared.clip(0.2, 0.2, "arXiv 1707.06347"))
      .settings(
          Setting.choice("rule", "proportional", List.of("proportional", "doubling", "fixed"), "how the coefficient moves",
              "arXiv 1909.08593; doubling: arXiv 1707.06347"),
          Setting.choice("against", "reference", List.of("reference", "old"),
              "penalise the divergence from the reference, or of the old policy from the current one with no clip, as PPO's other form", "arXiv 1909.08593"),
          Setting.choice("unit", "token", List.of("token", "sequence"),
              "what target is compared with: the mean over a sequence's tokens or their sum, averaged over sequences", "verl: token; targets of 6 belong to sequence"),
          Setting.number("target", 0.1, "divergence aimed at, nats per unit", "verl"),
          Setting.number("horizon", 10000, "sequences after which a full error has moved the coefficient by e^0.2", "arXiv 1909.08593; verl"))
      .settings(GateMethods.withKl(Shared.policy("token-mean", "verl"), 0.001, "verl, before the first step"))
      .settings(Shared.advantage("group-z-score", GRPO))
      .assembledBy(ControlledMethods::adaptiveKl);

  static final Method SAFE = Method.named("safe", "SAFE: soft-min critic, entropy-gated KL and a PID on the reward's velocity")
      .paper("SAFE: Stable Alignment Finetuning with Entropy-Aware Predictive Control for RLHF (2026), github.com/ryyzn9/SAFE")
      .kind(Kind.CONTROLLER)
      .parts("token ratio", "clip around 1", "two critics joined by a soft minimum", "KL penalty steered by PID and entropy, memory", "entropy bonus", "mean over tokens")
      .needs(Column.REWARD, Column.REF_LOGP, Column.ENTROPY, Column.VALUE, Column.SECOND_VALUE, Column.OLD_VALUE, Column.RETURNS)
      .settings(Shared.clip(0.2, 0.2, "official code"))
      .settings(
          Setting.choice("penalty", "gradient", List.of("gradient", "constant"),
              "a KL term with the penalty's derivative as coefficient (the repair, ours), or the number the code adds, which trains nothing", "official code: constant"),
          Setting.number("kl-threshold", 0.3, "smoothed divergence that is free, before PID and phase", "official code"),
          Setting.number("value-coefficient", 0.5, "weight of the critics' loss; 0 leaves the critics out", "official code"),
          Setting.number("a", 0.3, "temperature of the soft minimum, in units of value", "official code"),
          Setting.number("value-clip", 0.2, "how far the clipped value may move from the old one", "official code"),
          Setting.number("huber-delta", 0.5, "where the value loss turns linear", "official code"))
      .settings(GateMethods.withEntropy(Shared.policy("token-mean", "official code"), 0.01, "official code"))
      .assembledBy(ControlledMethods::safe);

  static final Method DCPO_DISTRIBUTION = Method.named("dcpo-distribution", "DCPO (distribution-centric): good answers credited at a virtual temperature")
      .paper("Distribution-Centric Policy Optimization Dominates Exploration-Exploitation Trade-off (2026), github.com/597358816/DCPO")
      .parts("token ratio", "clip around 1, dual clip", "advantages mixed with a tempered importance ratio", "measured entropy as memory", "group z-score", "mean over tokens")
      .needs(Column.REWARD, Column.HOT_OLD_LOGP, Column.COLD_OLD_LOGP)
      .settings(withDual(Shared.clip(0.2, 0.2, "official code"), 3.0, "official code"))
      .settings(
          Setting.number("h0", 0.5, "entropy aimed at, nats", "official code (paper's best average: 0.25)"),
          Setting.number("t-high", 1.2, "temperature while entropy is at most h0; the engine computes hotOldLogp with it", "official code"),
          Setting.number("t-low", 0.8, "temperature above h0; the engine computes coldOldLogp with it", "official code"),
          Setting.number("cap", 0.1, "largest entropy gap that counts, nats", "official code"),
          Setting.number("score-threshold", 0.05, "reward above which an answer is good", "official code"),
          Setting.number("alpha-cap", 1, "largest share of the tempered term; 0.5 keeps it from drowning the rest where few answers are good", "official code: none"))
      .settings(Shared.policy("token-mean", "official code"))
      .settings(Shared.advantage("group-z-score", "official code"))
      .assembledBy(settings -> {
        if (!(settings.number("t-low") > 0 && settings.number("t-high") > 0)) {
          throw new IllegalArgumentException("t-high and t-low must be above 0, got %s and %s".formatted(settings.number("t-high"), settings.number("t-low")));
        }
        PolicyObjective policy = Shared.policy(settings, new TokenRatio(), Shared.clip(settings));
        var edit = new VirtualTemperature(settings.number("h0"), settings.number("cap"), settings.number("score-threshold"), settings.number("alpha-cap"));
        return SoftMethods.beside(settings, policy, new EditedAdvantage(edit, policy), Advantages.of(settings),
            Column.REWARD, Column.HOT_OLD_LOGP, Column.COLD_OLD_LOGP)
            .with(Supply.PLAIN.withTemperatures(settings.number("t-high"), settings.number("t-low")));
      });

  static final Method PIPO = Method.named("pipo", "PIPO: the step before is credited or blamed once the reward says whether it helped")
      .paper("Policy Improvement Reinforcement Learning, arXiv 2604.00860")
      .parts("token ratio", "clip around 1", "window of mean rewards as memory", "pass over the batch before, group-normalised coefficients", "group z-score", "mean over tokens")
      .needs(Column.REWARD, Column.REF_LOGP)
      .settings(Shared.clip(0.2, 0.2, "official code"))
      .settings(
          Setting.choice("variant", "look-back", List.of("look-back", "scaled"),
              "a pass over the batch before, or, with a critic, the current advantages times clip(ξ, ±2)", "arXiv 2604.00860"),
          Setting.integer("k", 8, "steps in the window", "official code"),
          Setting.optionalInteger("min-steps", null, "steps the window must hold before the first look back; none: k", "official code: 8, its k"),
          Setting.number("lambda", 0.1, "how much a deterioration counts; 0 skips it", "official code's script (its class: 0)").also("loss-scale-neg"),
          Setting.choice("deviation", "population", List.of("population", "sample"), "whether the window's deviation divides by k or k − 1",
              "official code; a secondary report says sample"),
          Setting.flag("clip-difference", false, "whether the difference of mean rewards is held within ±5 before it is divided", "arXiv 2604.00860, equation 7; the official code holds it"),
          Setting.choice("surrogate", "ppo", List.of("ppo", "released"), "PPO's minimum, or min(r, clip(r))·c as the released grpo_layback has it", "arXiv 2604.00860: ppo"),
          Setting.optionalNumber("xi", null, "evaluate the look back itself with this improvement; none: the base update", "for numbers without a run"))
      .settings(GateMethods.withKl(Shared.policy("token-mean", "official code"), 0.001, "official code"))
      .settings(Shared.advantage("group-z-score", GRPO))
      .assembledBy(ControlledMethods::pipo);

  static final Method ERPD = Method.named("erpd", "ERPD: an extreme policy's token signal distilled within a trust region (experimental)")
      .paper("Extreme Region Policy Distillation, arXiv 2605.25582")
      .confidence(Confidence.LOW)
      .guesswork("losses, gate and constants are guesswork; stage one is a recipe, not part of this method")
      .parts("token ratio", "clip around 1", "log-ratio of teacher and base as token advantage", "KL to the base", "mean over tokens")
      .needs(Column.TEACHER_LOGP, Column.REF_LOGP)
      .settings(Shared.clip(0.2, 0.2, SoftMethods.OURS))
      .settings(
          Setting.choice("teacher", "strong", List.of("strong", "weak", "pair"),
              "teacher over base, base over a degenerate teacher, or teacher over weakTeacherLogp", SoftMethods.OURS),
          Setting.number("s-max", 2, "bound on the signal, nats", SoftMethods.OURS),
          Setting.flag("gate", false, "whether a token's signal counts only where it has the sign of the answer's advantage", SoftMethods.OURS))
      .settings(GateMethods.withKl(Shared.policy("token-mean", SoftMethods.OURS), 0.01, SoftMethods.OURS))
      .settings(Shared.advantage("group-z-score", GRPO + "; read by the gate alone"))
      .assembledBy(settings -> {
        var teacher = TeacherSignal.Teacher.valueOf(settings.choice("teacher").toUpperCase(Locale.ROOT));
        PolicyObjective policy = Shared.policy(settings, new TokenRatio(), Shared.clip(settings));
        var edit = new TeacherSignal(teacher, settings.number("s-max"), settings.flag("gate"));
        String[] columns = switch (teacher) {
          case STRONG, WEAK -> new String[] {Column.TEACHER_LOGP, Column.REF_LOGP};
          case PAIR -> new String[] {Column.TEACHER_LOGP, Column.WEAK_TEACHER_LOGP};
        };
        return SoftMethods.beside(settings, policy, new EditedAdvantage(edit, policy), Advantages.of(settings), columns);
      });

  static final List<Method> ALL = List.of(ADAPTIVE_ENTROPY, ADAPTIVE_KL, SAFE, DCPO_DISTRIBUTION, PIPO, ERPD);

  private static List<Setting> withDual(List<Setting> clip, double dual, String source) {
    return clip.stream().map(setting -> setting.name().equals("dual-clip") ? setting.withDefault(dual, source) : setting).toList();
  }

  private static Assembly adaptiveKl(Settings settings) {
    boolean reference = settings.choice("against").equals("reference");
    double beta = settings.number("kl-coefficient");
    var control = new AdaptiveKl(beta, AdaptiveKl.Rule.valueOf(settings.choice("rule").toUpperCase(Locale.ROOT)),
        AdaptiveKl.Unit.valueOf(settings.choice("unit").toUpperCase(Locale.ROOT)),
        reference ? AdaptiveKl.Against.REFERENCE : AdaptiveKl.Against.OLD, settings.number("target"), settings.number("horizon"));
    var estimator = Shared.estimator(settings.choice("kl-estimator"));
    Term penalty = new SteeredTerm<>(control, now -> reference
        ? new KlPenalty(now.beta(), estimator) : new ProximalKl(now.beta(), ProximalKl.Direction.OLD_FROM_NEW));
    PolicyObjective fixed = Shared.policy(settings, new TokenRatio(), reference ? Shared.clip(settings) : QuadraticPull.multiplier(0));
    List<Term> penalties = new ArrayList<>(fixed.penalties().stream().filter(term -> !(term instanceof KlPenalty)).toList());
    penalties.add(penalty);
    Assembly assembly = Shared.assembly(settings,
        new PolicyObjective(fixed.level(), fixed.surrogate(), fixed.weightings(), penalties, fixed.aggregation()), Advantages.of(settings), true);
    return reference ? assembly : new Assembly(assembly.objective(), assembly.advantages(), true,
        assembly.columns().stream().filter(column -> !column.equals(Column.REF_LOGP)).toList());
  }

  private static Assembly safe(Settings settings) {
    boolean gradient = settings.choice("penalty").equals("gradient");
    var estimator = Shared.estimator(settings.choice("kl-estimator"));
    Term penalty = new SteeredTerm<>(SafeControl.start(settings.number("kl-threshold")),
        now -> gradient ? new KlPenalty(now.coefficient(), estimator) : new ConstantCharge(now.penalty()));
    PolicyObjective policy = Shared.policy(settings, new TokenRatio(), Shared.clip(settings)).with(penalty);
    double critic = settings.number("value-coefficient");
    if (critic == 0) {
      return SoftMethods.beside(settings, policy, policy, new WhitenedResidual(false), Column.REWARD, Column.REF_LOGP);
    }
    Objective critics = new SoftMinCritic(settings.number("a"), settings.number("value-clip"), settings.number("huber-delta"), critic);
    AdvantageEstimator residual = new WhitenedResidual(true);
    return SoftMethods.beside(settings, policy, policy.plus(critics), residual,
        Column.REWARD, Column.REF_LOGP, Column.VALUE, Column.SECOND_VALUE, Column.OLD_VALUE, Column.RETURNS);
  }

  private static Assembly pipo(Settings settings) {
    var deviation = settings.choice("deviation").equals("population") ? Improvement.Deviation.POPULATION : Improvement.Deviation.SAMPLE;
    var improvement = new Improvement(new double[0], settings.integer("k"), settings.optionalInteger("min-steps").orElse(settings.integer("k")),
        settings.number("lambda"), deviation, settings.flag("clip-difference"));
    boolean lookBack = settings.choice("variant").equals("look-back");
    double xi = settings.optional("xi").orElse(Double.NaN);
    var mode = !lookBack ? Retrospection.Mode.SCALED : Double.isNaN(xi) ? Retrospection.Mode.BASE : Retrospection.Mode.LOOK_BACK;
    Clip clip = Shared.clip(settings);
    PolicyObjective policy = Shared.policy(settings, new TokenRatio(), clip);
    String[] columns = mode == Retrospection.Mode.LOOK_BACK ? new String[0] : new String[] {Column.REWARD};
    PolicyObjective again = settings.choice("surrogate").equals("ppo") ? policy
        : new PolicyObjective(policy.level(), new UpperClip(clip.high()), policy.weightings(), policy.penalties(), policy.aggregation());
    Objective whole = new EditedAdvantage(new Retrospection(mode, improvement, xi), mode == Retrospection.Mode.LOOK_BACK ? again : policy, again);
    return SoftMethods.beside(settings, policy, whole, Advantages.of(settings), columns);
  }
}
