package io.ballast.objective;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rewards entropy: J += c · m_t · H_t, dJ/dH_t = c · m_t, m the tokens kept by the selection.
 *
 * @param coefficient c; negative punishes entropy
 * @param selection which tokens earn the bonus; null: all
 */
public record EntropyBonus(double coefficient, @Nullable Weighting selection) implements Term {

  public EntropyBonus {
    Check.within("entropy-coefficient", coefficient, -Double.MAX_VALUE, Double.MAX_VALUE);
  }

  @Override public boolean readsRatio() {
    return false;
  }

  @Override public boolean differentiatesEntropy() {
    return true;
  }

  @Override public Term prepared(TokenBatch whole, RatioLevel level) {
    return selection == null ? this : new EntropyBonus(coefficient, selection.prepared(whole, level));
  }

  @Override public boolean isSolved() {
    return selection == null || selection.isSolved();
  }

  @Override public Kernel on(TokenBatch batch) {
    double[] entropy = batch.column(Column.ENTROPY);
    double[] kept = selection == null ? null : selection.factors(batch, new HashMap<>());
    return new Kernel() {
      private double total;

      @Override public void apply(Token token) {
        double c = kept == null ? coefficient : coefficient * kept[token.index];
        double h = entropy[token.index];
        token.answer(c * h, 0, false);
        token.entropySlope = c;
        total += h;
      }

      @Override public void report(Map<String, Metric> metrics) {
        metrics.put("entropy", new Metric.Mean(total, batch.tokens()));
      }
    };
  }
}
