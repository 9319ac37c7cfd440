package io.ballast.method;

import io.ballast.advantage.AdvantageEstimator;
import io.ballast.advantage.RawReward;
import io.ballast.advantage.TokenGae;
import io.ballast.advantage.Whitening;
import io.ballast.control.Steered;
import io.ballast.control.SteeredTerm;
import io.ballast.control.StepSize;
import io.ballast.objective.Column;
import io.ballast.objective.Joined;
import io.ballast.objective.Objective;
import io.ballast.objective.PolicyObjective;
import io.ballast.objective.Term;
import io.ballast.objective.TokenRatio;
import io.ballast.objective.soft.ColumnLoss;
import io.ballast.objective.soft.ContrastivePolicy;
import io.ballast.objective.soft.CriticLoss;
import io.ballast.objective.soft.DistributionMatching;
import io.ballast.objective.soft.ExponentialWeight;
import io.ballast.objective.soft.ForwardKl;
import io.ballast.objective.soft.ProximalKl;
import io.ballast.objective.soft.QuadraticPull;
import io.ballast.objective.soft.TargetLogRatio;
import java.util.ArrayList;
import java.util.List;

/** Methods that regress the policy onto a target, or hold it by a divergence as a penalty. */
final class RegressionMethods {
  private RegressionMethods() {}

  static final Method MDPO = Method.named("mdpo", "MDPO: mirror descent with a KL to the old policy")
      .paper("Mirror Descent Policy Optimization, arXiv 2005.09814")
      .confidence(Confidence.MEDIUM)
      .parts("token ratio", "plain importance weighting", "KL of the new from the old policy", "step size as memory", "whitened advantages", "mean over tokens")
      .settings(
          Setting.number("t", 1, "step size: the KL's weight is 1/t", "official code, its first step"),
          Setting.optionalInteger("anneal-steps", null, "K: t falls in a straight line to 0 over K optimizer steps; none: constant",
              "official code anneals over the whole run, whose length is not known here"),
          Setting.number("t-min", 0.01, "the smallest annealed t", SoftMethods.OURS),
          Setting.choice("kl", "sampled", List.of("sampled", "exact"),
              "from the sampled token, ρ ln ρ − ρ + 1, or the exact one (column klOld)", "official code: exact; the sampled form is ours and needs no column"))
      .settings(Shared.policy("token-mean", "official code, the mean over the batch"))
      .settings(Shared.advantage("reinforce-pp", "official code whitens over the batch"))
      .assembledBy(RegressionMethods::mdpo);

  static final Method APA = Method.named("apa", "APA: the log-ratio to the reference regressed onto the advantage")
      .paper("Fine-Tuning Language Models with Advantage-Induced Policy Alignment, arXiv 2306.02231")
      .parts("log-ratio to the reference, no importance ratio", "squared distance to c·A", "whitened advantages", "mean over tokens")
      .needs(Column.REF_LOGP)
      .settings(
          Setting.choice("form", "apa", List.of("apa", "awr"), "squared distance, or log-likelihood weighted by exp(c-log·A)", "arXiv 2306.02231"),
          Setting.number("c", 10, "1/λ: target log-ratio per unit of advantage, nats", "official code, HH and TL;DR online (offline: 1)").also("adv-coeff-sq"),
          Setting.number("c-log", 0.5, "exponent of the weight in form awr", "official code, HH (TL;DR: 1)"),
          Setting.choice("anchor", "reference", List.of("reference", "behaviour"), "policy the log-ratio is taken against", "official code fills the field with the reference"),
          Setting.number("vf-coef", 0, "weight of the critic's mean squared error; reads value and returns", "off unless set; official code: 1, times ½"))
      .settings(Shared.policy("token-mean", "official code"))
      .settings(Shared.advantageOrGae("reinforce-pp", "no critic here; official code: gae, whitened over the batch"),
          Setting.number("gamma", 1, "discount per token, gae and reinforce-pp", "official code"),
          Setting.number("lam", 0.95, "λ, gae only", "official code"))
      .assembledBy(RegressionMethods::apa);

  static final Method COPG = Method.named("copg", "CoPG: regularised rewards of pairs of answers drawn together")
      .paper("Contrastive Policy Gradient: Aligning LLMs on sequence-level scores in a supervised-friendly fashion, arXiv 2406.19185")
      .confidence(Confidence.MEDIUM)
      .parts("whole log-likelihoods, no importance ratio", "squared difference of regularised rewards", "mean over pairs, then prompts")
      .needs(Column.REWARD, Column.REF_LOGP)
      .settings(Setting.number("beta", 0.05, "weight of the log-ratio to the reference in the regularised reward, reward per nat", SoftMethods.OURS))
      .assembledBy(settings -> new Assembly(new ContrastivePolicy(settings.number("beta")), new RawReward(),
          true, // off-policy by construction: a correction from outside would only disturb it
          List.of(Column.REWARD, Column.REF_LOGP)));

  static final Method DMPO = Method.named("dmpo", "DMPO: the policy's shares of a prompt's answers matched to their rewards")
      .paper("Beyond Mode Collapse: Distribution Matching for Diverse Reasoning, arXiv 2605.19461")
      .confidence(Confidence.MEDIUM)
      .parts("token ratio", "clip around 1", "squared mismatch of answer shares", "group z-score", "mean over each answer, then over answers")
      .needs(Column.REWARD)
      .settings(Shared.clip(0.2, 0.2, "arXiv 2402.03300"))
      .settings(
          Setting.number("alpha", 1.0 / 15, "temperature of the shares that rewards deserve, in units of reward", "third-party code citing the paper"),
          Setting.number("lambda", 2, "weight of the mismatch", "third-party code citing the paper"))
      .settings(Shared.policy("seq-mean-token-mean", "arXiv 2402.03300"))
      .settings(Shared.advantage("group-z-score", "arXiv 2402.03300"))
      .assembledBy(settings -> {
        PolicyObjective policy = Shared.policy(settings, new TokenRatio(), Shared.clip(settings));
        return SoftMethods.beside(settings, policy,
            policy.plus(new DistributionMatching(settings.number("alpha"), settings.number("lambda"))), Advantages.of(settings), Column.REWARD);
      });

  static final Method RAPO = Method.named("rapo", "RAPO: forward KL to a reference that reward sharpens (experimental)")
      .paper("Unlocking Reasoning Capabilities in LLMs via Reinforcement Learning Exploration, arXiv 2510.03865")
      .confidence(Confidence.LOW)
      .guesswork("the power φ, both coefficients, the normalisation and the token level are ours")
      .parts("token ratio", "clip around 1", "forward KL to the reweighted reference", "entropy bonus", "group z-score", "mean over each answer, then over answers")
      .needs(Column.REWARD, Column.REF_LOGP, Column.ENTROPY)
      .settings(Shared.clip(0.2, 0.2, "arXiv 2402.03300"))
      .settings(
          Setting.number("alpha", 0.001, "weight of the forward KL", SoftMethods.OURS),
          Setting.number("phi-min", 0.5, "power of the reference for the worst answers", SoftMethods.OURS),
          Setting.number("r-min", 0, "reward at which the power is smallest", SoftMethods.OURS),
          Setting.number("r-max", 1, "reward at which the power is 1", SoftMethods.OURS),
          Setting.choice("reference", "power", List.of("power", "tilted"),
              "ln π̂_ref is phi·refLogp, or the column tiltedRefLogp (log-softmax of phi·reference logits)", "the second is the reading; the first needs no logits"))
      .settings(GateMethods.withEntropy(Shared.policy("seq-mean-token-mean", "arXiv 2402.03300"), 0.001, SoftMethods.OURS + " (the paper's β)").stream()
          .map(setting -> setting.name().equals("entropy-coefficient") ? setting.also("beta") : setting).toList())
      .settings(Shared.advantage("group-z-score", "arXiv 2510.03865"))
      .assembledBy(RegressionMethods::rapo);

  static final List<Method> ALL = List.of(MDPO, APA, COPG, DMPO, RAPO);

  private static Assembly mdpo(Settings settings) {
    var size = new StepSize(settings.number("t"), settings.number("t-min"), settings.optionalInteger("anneal-steps").orElse(0), 0);
    Term free = QuadraticPull.multiplier(0);
    if (settings.choice("kl").equals("sampled")) {
      Term proximal = new SteeredTerm<>(size, now -> new ProximalKl(1 / now.value(), ProximalKl.Direction.NEW_FROM_OLD));
      return Shared.assembly(settings, Shared.policy(settings, new TokenRatio(), new Joined(free, proximal)), Shared.advantages(settings), true);
    }
    PolicyObjective policy = Shared.policy(settings, new TokenRatio(), free);
    Objective exact = new Steered<>(size, now -> new ColumnLoss(Column.KL_OLD, 1 / now.value(), Shared.aggregation(settings), "kl-proximal"));
    return SoftMethods.beside(settings, policy, policy.plus(exact), Shared.advantages(settings), Column.KL_OLD);
  }

  private static Assembly apa(Settings settings) {
    boolean weighted = settings.choice("form").equals("awr"), reference = settings.choice("anchor").equals("reference");
    Term surrogate = weighted ? new ExponentialWeight(settings.number("c-log"))
        : new TargetLogRatio(settings.number("c"), reference ? Column.REF_LOGP : Column.BEHAVIOUR_LOGP);
    List<String> columns = new ArrayList<>();
    if (!weighted && reference) columns.add(Column.REF_LOGP);
    PolicyObjective policy = Shared.policy(settings, new TokenRatio(), surrogate);
    Objective whole = policy;
    double critic = Shared.notNegative(settings, "vf-coef");
    if (critic > 0) {
      whole = policy.plus(new CriticLoss(CriticLoss.Head.SQUARE, critic / 2));
      columns.addAll(List.of(Column.VALUE, Column.RETURNS));
    }
    // usesRatio: stale data need no correction here, the target does not depend on who sampled
    boolean gae = settings.choice("advantage").equals("gae");
    if (gae && !columns.contains(Column.VALUE)) columns.add(Column.VALUE);
    AdvantageEstimator advantages = gae ? new TokenGae(settings.number("gamma"), settings.number("lam"), 0, Whitening.INSIDE) : Advantages.of(settings);
    return SoftMethods.beside(settings, policy, whole, advantages, columns.toArray(String[]::new));
  }

  private static Assembly rapo(Settings settings) {
    boolean power = settings.choice("reference").equals("power");
    var forward = new ForwardKl(settings.number("alpha"), settings.number("phi-min"), settings.number("r-min"),
        settings.number("r-max"), power ? ForwardKl.Reference.POWER : ForwardKl.Reference.TILTED);
    PolicyObjective policy = Shared.policy(settings, new TokenRatio(), Shared.clip(settings)).with((Term) forward);
    return Shared.assembly(settings, policy, Advantages.of(settings), true,
        power ? new String[] {Column.REWARD, Column.REF_LOGP} : new String[] {Column.TILTED_REF_LOGP}).with(Supply.PLAIN.withPower(forward::phi));
  }
}
