package io.ballast.objective;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A policy objective put together from orthogonal parts; the one loop over tokens that all methods share.
 *
 * <pre>
 *   x_t  = ratio of token t at the chosen level                           {@link RatioLevel}
 *   J_t  = f_t · surrogate(x_t, A_t) + Σ penalties_t                      {@link Term}; f_t detached, {@link Weighting}
 *   L    = −Σ_t w_t J_t                                                   {@link Aggregation}
 * </pre>
 *
 * @param surrogate the policy term: a trust region around the ratio
 * @param weightings selections and corrections; their product is f_t
 * @param penalties terms beside the policy term, such as a KL penalty or an entropy bonus; f_t does not touch them
 */
public record PolicyObjective(
    RatioLevel level, Term surrogate, List<Weighting> weightings, List<Term> penalties, Aggregation aggregation) implements Objective {

  public PolicyObjective {
    weightings = List.copyOf(weightings);
    penalties = List.copyOf(penalties);
  }

  /** A surrogate and nothing else. */
  public static PolicyObjective of(RatioLevel level, Term surrogate, Aggregation aggregation) {
    return new PolicyObjective(level, surrogate, List.of(), List.of(), aggregation);
  }

  /** This objective with one more selection or correction. */
  public PolicyObjective with(Weighting weighting) {
    return new PolicyObjective(level, surrogate, plus(weightings, weighting), penalties, aggregation);
  }

  /** This objective with one more penalty. */
  public PolicyObjective with(Term penalty) {
    return new PolicyObjective(level, surrogate, weightings, plus(penalties, penalty), aggregation);
  }

  @Override public Objective corrected(Weighting correction) {
    return with(correction);
  }

  @Override public Evaluation evaluate(TokenBatch batch) {
    for (Part<?> part : parts()) {
      if (!part.isSolved()) return prepared(batch).evaluate(batch);
    }
    double[] weights = aggregation.weights(batch);
    Map<String, Metric> metrics = new LinkedHashMap<>(), selected = new LinkedHashMap<>();
    double[] factor = factors(batch, selected);
    double[] gradient = new double[batch.tokens()];
    double loss = policyTerm(batch, weights, factor, gradient, metrics);
    double[] entropyGradient = null;
    for (Term penalty : penalties) {
      if (penalty.differentiatesEntropy() && entropyGradient == null) entropyGradient = new double[batch.tokens()];
      loss += penaltyTerm(penalty, batch, weights, gradient, entropyGradient, metrics);
    }
    metrics.putAll(selected);
    Map<String, double[]> gradients = entropyGradient == null ? Map.of() : Map.of(Column.ENTROPY, entropyGradient);
    return new Evaluation(loss, gradient, gradients, metrics);
  }

  private double @Nullable [] factors(TokenBatch batch, Map<String, Metric> metrics) {
    return weightings.isEmpty() ? null : new WeightingChain(weightings).factors(batch, metrics);
  }

  /** The policy term's loss; {@code gradient} is scratch for the log-ratios first and dL/dlogp afterwards. */
  private double policyTerm(
      TokenBatch batch, double[] weights, double @Nullable [] factor, double[] gradient, Map<String, Metric> metrics) {
    level.logRatios(batch, gradient);
    Kernel kernel = surrogate.on(batch);
    boolean exponentiate = surrogate.readsRatio();
    int[] offsets = batch.offsets();
    double[] logp = batch.logp(), advantage = batch.advantage();
    Token token = new Token();
    double loss = 0;
    long clipped = 0;
    for (int s = 0; s < weights.length; s++) {
      double weight = weights[s], sum = 0;
      token.sequence = s;
      for (int t = offsets[s]; t < offsets[s + 1]; t++) {
        token.index = t;
        token.logp = logp[t];
        token.logRatio = gradient[t];
        if (exponentiate) token.ratio = Math.exp(gradient[t]);
        token.advantage = advantage[t];
        kernel.apply(token);
        double f = factor == null ? weight : weight * factor[t];
        // a dropped token's infinite value must not turn into NaN
        sum += f == 0 ? 0 : f * token.value;
        gradient[t] = f == 0 ? 0 : -f * token.slope;
        if (token.clipped) clipped++;
      }
      loss -= sum;
    }
    if (surrogate.throughRatio()) level.spread(batch, gradient);
    if (surrogate.clips()) metrics.put("clipped-fraction", new Metric.Mean(clipped, batch.tokens()));
    kernel.report(metrics);
    return loss;
  }

  private static double penaltyTerm(Term penalty, TokenBatch batch, double[] weights, double[] gradient,
      double @Nullable [] entropyGradient, Map<String, Metric> metrics) {
    // weighed here and not by a kernel around the term's: a call in a call is not always compiled into one
    double[] factor = penalty instanceof Weighed weighed ? weighed.factors(batch) : null;
    Kernel kernel = penalty instanceof Weighed weighed ? weighed.term().on(batch) : penalty.on(batch);
    boolean exponentiate = penalty.readsRatio();
    boolean entropy = penalty.differentiatesEntropy();
    int[] offsets = batch.offsets();
    Token token = new Token();
    double loss = 0;
    for (int s = 0; s < weights.length; s++) {
      double weight = weights[s], sum = 0;
      token.sequence = s;
      for (int t = offsets[s]; t < offsets[s + 1]; t++) {
        token.index = t;
        token.logp = batch.logp()[t];
        token.logRatio = batch.logRatio(t);
        if (exponentiate) token.ratio = Math.exp(token.logRatio);
        token.advantage = batch.advantage()[t];
        kernel.apply(token);
        if (factor != null) token.scale(factor[t]);
        sum += token.value;
        gradient[t] -= weight * token.slope;
        if (entropy && entropyGradient != null) entropyGradient[t] -= weight * token.entropySlope;
      }
      loss -= weight * sum;
    }
    kernel.report(metrics);
    return loss;
  }

  @Override public PolicyObjective prepared(TokenBatch whole) {
    return mapped(new Change() {
      @Override public <P extends Part<P>> P of(P part) {
        return part.prepared(whole, level);
      }
    }, aggregation.prepared(whole));
  }

  @Override public boolean local() {
    return aggregation.local() || surrogate.local();
  }

  @Override public Map<String, double[]> memory() {
    Map<String, double[]> memory = new LinkedHashMap<>();
    for (Part<?> part : parts()) memory.putAll(part.memory());
    return memory;
  }

  @Override public PolicyObjective remembering(Map<String, double[]> memory) {
    if (!memory.keySet().equals(memory().keySet())) {
      throw new IllegalArgumentException("this objective remembers %s, yet the checkpoint holds %s"
          .formatted(memory().keySet(), memory.keySet()));
    }
    return mapped(new Change() {
      @Override public <P extends Part<P>> P of(P part) {
        Map<String, double[]> own = new HashMap<>(memory);
        own.keySet().retainAll(part.memory().keySet());
        return part.remembering(own);
      }
    }, aggregation);
  }

  @Override public PolicyObjective next(TokenBatch whole, Evaluation result) {
    return mapped(new Change() {
      @Override public <P extends Part<P>> P of(P part) {
        return part.next(whole, result);
      }
    }, aggregation);
  }

  /** A change that every part goes through. */
  private interface Change {
    <P extends Part<P>> P of(P part);
  }

  private PolicyObjective mapped(Change change, Aggregation newAggregation) {
    return new PolicyObjective(change.of(level), change.of(surrogate),
        weightings.stream().map(change::of).toList(), penalties.stream().map(change::of).toList(), newAggregation);
  }

  private List<Part<?>> parts() {
    List<Part<?>> parts = new ArrayList<>();
    parts.add(level);
    parts.add(surrogate);
    parts.addAll(weightings);
    parts.addAll(penalties);
    return parts;
  }

  private static <P> List<P> plus(List<P> list, P more) {
    List<P> longer = new ArrayList<>(list);
    longer.add(more);
    return longer;
  }
}
