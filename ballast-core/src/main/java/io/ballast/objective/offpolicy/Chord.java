package io.ballast.objective.offpolicy;

import io.ballast.objective.Column;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.Objective;
import io.ballast.objective.StepTotals;
import io.ballast.objective.TokenBatch;
import io.ballast.objective.Weighting;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Two batches in one step: the policy's own samples under a policy objective, expert demonstrations under maximum likelihood.
 *
 * <pre>
 *   L = (1 − μ) L_policy + μ L_expert          μ from the schedule at this step
 *   L_expert = −1/N_e Σ_t sg[φ_t] logp_t       over the N_e expert tokens of the step
 *   φ_t = 1,  or  p_t (1 − p_t) with p = exp(logp): least where the policy is sure or hopeless
 *   dL/dlogp_t = −μ φ_t / N_e                  on expert tokens
 *   dL/dlogp_t = (1 − μ) dL_policy/dlogp_t     on the others, whose totals count them alone
 * </pre>
 *
 * Expert sequences carry 1 in the column {@code expert}, the others 0. They have no sampler's log-probabilities; what stands in their oldLogp,
 * behaviourLogp and advantage is never read.
 *
 * @param policy an objective without memory
 * @param step optimizer steps done: remembered
 * @param totals of the two batches over the whole step; null: counted on the batch that is evaluated
 * @see <a href="https://arxiv.org/abs/2508.11408">CHORD</a>
 */
public record Chord(Objective policy, MixingSchedule schedule, boolean phi, long step, @Nullable Totals totals) implements Objective {

  private static final String STEPS = "chord-steps";

  /** What each of the two losses is divided by. */
  public record Totals(StepTotals own, long expertTokens) {}

  public Chord {
    if (!policy.memory().isEmpty()) throw new IllegalArgumentException("the policy objective of CHORD must remember nothing");
  }

  public Chord(Objective policy, MixingSchedule schedule, boolean phi) {
    this(policy, schedule, phi, 0, null);
  }

  @Override public Evaluation evaluate(TokenBatch batch) {
    double[] expert = batch.column(Column.EXPERT);
    Totals of = totals == null ? count(batch, expert) : totals;
    double mu = schedule.at(step);
    double[] dlogp = new double[batch.tokens()];
    double nll = 0, loss = 0;
    for (int t = 0; t < dlogp.length; t++) {
      if (expert[t] == 0) continue;
      double p = Math.exp(batch.logp()[t]), weight = phi ? p * (1 - p) : 1;
      loss -= mu * weight * batch.logp()[t] / of.expertTokens;
      dlogp[t] = -mu * weight / of.expertTokens;
      nll -= batch.logp()[t];
    }
    TokenBatch own = own(batch, expert, of.own);
    Evaluation result = policy.times(1 - mu).evaluate(own);
    scatter(result.dlogp(), dlogp, batch, expert);
    Map<String, double[]> gradients = new HashMap<>();
    result.gradients().forEach((column, gradient) -> {
      double[] wide = new double[batch.column(column).length];
      scatter(gradient, wide, batch, expert);
      gradients.put(column, wide);
    });
    Map<String, Metric> metrics = new LinkedHashMap<>(result.metrics());
    metrics.put("expert-weight", new Metric.Same(mu));
    metrics.put("expert-nll", new Metric.Mean(nll, batch.tokens() - own.tokens()));
    return new Evaluation(loss + result.loss(), dlogp, gradients, metrics);
  }

  private static boolean isExpert(TokenBatch batch, double[] expert, int s) {
    int from = batch.offsets()[s], to = batch.offsets()[s + 1];
    for (int t = from + 1; t < to; t++) {
      if ((expert[t] == 0) != (expert[from] == 0)) {
        throw new IllegalArgumentException("sequence %d: expert must be the same number for every token".formatted(s));
      }
    }
    return from < to && expert[from] != 0;
  }

  private static Totals count(TokenBatch batch, double[] expert) {
    long tokens = 0;
    int sequences = 0;
    Set<Integer> prompts = new HashSet<>();
    for (int s = 0; s < batch.sequences(); s++) {
      if (isExpert(batch, expert, s)) continue;
      sequences++;
      tokens += batch.length(s);
      prompts.add(batch.group()[s]);
    }
    return new Totals(new StepTotals(sequences, tokens, prompts.size(), batch.step().maxLength()), batch.tokens() - tokens);
  }

  /** The policy's own sequences. */
  private static TokenBatch own(TokenBatch batch, double[] expert, StepTotals totals) {
    int count = 0;
    int[] offsets = new int[batch.sequences() + 1], group = new int[batch.sequences()], ids = new int[batch.sequences()];
    for (int s = 0; s < batch.sequences(); s++) {
      if (isExpert(batch, expert, s)) continue;
      group[count] = batch.group()[s];
      ids[count] = batch.ids()[s];
      count++;
      offsets[count] = offsets[count - 1] + batch.length(s);
    }
    Map<String, double[]> columns = new HashMap<>();
    int kept = offsets[count];
    batch.columns().forEach((name, values) -> columns.put(name, gather(values, batch, expert, kept)));
    return new TokenBatch(Arrays.copyOf(offsets, count + 1), Arrays.copyOf(group, count), Arrays.copyOf(ids, count),
        gather(batch.logp(), batch, expert, kept), gather(batch.oldLogp(), batch, expert, kept), gather(batch.advantage(), batch, expert, kept),
        columns, totals);
  }

  private static double[] gather(double[] values, TokenBatch batch, double[] expert, int kept) {
    int each = batch.tokens() == 0 ? 0 : values.length / batch.tokens();
    double[] out = new double[kept * each];
    copy(values, out, batch, expert, each, true);
    return out;
  }

  private static void scatter(double[] narrow, double[] wide, TokenBatch batch, double[] expert) {
    copy(narrow, wide, batch, expert, batch.tokens() == 0 ? 0 : wide.length / batch.tokens(), false);
  }

  /** Copies the own sequences, from the whole batch to them alone or back. */
  private static void copy(double[] from, double[] to, TokenBatch batch, double[] expert, int each, boolean gather) {
    int at = 0;
    for (int s = 0; s < batch.sequences(); s++) {
      int start = batch.offsets()[s] * each, length = batch.length(s) * each;
      if (length == 0 || expert[batch.offsets()[s]] != 0) continue;
      System.arraycopy(from, gather ? start : at, to, gather ? at : start, length);
      at += length;
    }
  }

  @Override public Objective prepared(TokenBatch whole) {
    double[] expert = whole.column(Column.EXPERT);
    Totals counted = count(whole, expert);
    return new Chord(policy.prepared(own(whole, expert, counted.own)), schedule, phi, step, counted);
  }

  @Override public Map<String, double[]> memory() {
    return Map.of(STEPS, new double[] {step});
  }

  @Override public Objective remembering(Map<String, double[]> memory) {
    if (!memory.keySet().equals(memory().keySet())) {
      throw new IllegalArgumentException("this objective remembers %s, yet the checkpoint holds %s".formatted(memory().keySet(), memory.keySet()));
    }
    return new Chord(policy, schedule, phi, (long) memory.get(STEPS)[0], totals);
  }

  @Override public Objective next(TokenBatch whole, Evaluation result) {
    return new Chord(policy, schedule, phi, step + 1, totals);
  }

  /** Corrects the policy's own samples; demonstrations have no sampler. */
  @Override public Objective corrected(Weighting correction) {
    return new Chord(policy.corrected(correction), schedule, phi, step, totals);
  }

  @Override public boolean local() {
    return policy.local();
  }
}
