package io.ballast.objective;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * A ratio taken against another policy than the proximal one: the given level, with that policy's log-probabilities in the place
 * of oldLogp.
 *
 * <pre>   d_t = logp_t − column_t</pre>
 *
 * @param column {@link Column#BEHAVIOUR_LOGP}, where a batch without it means the proximal policy, or any other column
 */
public record RatioAgainst(String column, RatioLevel level) implements RatioLevel {

  /** Against the sampler's policy. */
  public static RatioAgainst behaviour(RatioLevel level) {
    return new RatioAgainst(Column.BEHAVIOUR_LOGP, level);
  }

  private TokenBatch moved(TokenBatch batch) {
    if (!batch.has(column) && column.equals(Column.BEHAVIOUR_LOGP)) return batch;
    Map<String, double[]> segments = new HashMap<>(batch.columns()); // all that a level reads beside the two policies
    segments.keySet().retainAll(Set.of(Column.TURN, Column.SENTENCE));
    return new TokenBatch(batch.offsets(), batch.group(), batch.ids(), batch.logp(), batch.column(column), batch.advantage(), segments, batch.step());
  }

  /** The other policy's log-probabilities; all that {@link TokenRatio} needs, which spares it a second batch and its checks. */
  private double[] against(TokenBatch batch) {
    return column.equals(Column.BEHAVIOUR_LOGP) ? batch.behaviourLogp() : batch.column(column);
  }

  @Override public RatioAgainst prepared(TokenBatch whole, RatioLevel outer) {
    return new RatioAgainst(column, level.prepared(moved(whole), level));
  }

  @Override public void logRatios(TokenBatch batch, double[] out) {
    if (level instanceof TokenRatio) TokenRatio.logRatios(batch.logp(), against(batch), out);
    else level.logRatios(moved(batch), out);
  }

  @Override public void spread(TokenBatch batch, double[] gradient) {
    if (level instanceof TokenRatio) TokenRatio.spread(batch.logp(), against(batch), gradient);
    else level.spread(moved(batch), gradient);
  }
}
