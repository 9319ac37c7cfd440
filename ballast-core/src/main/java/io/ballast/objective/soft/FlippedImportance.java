package io.ballast.objective.soft;

import io.ballast.objective.Check;
import io.ballast.objective.Column;
import io.ballast.objective.Kernel;
import io.ballast.objective.SignBit;
import io.ballast.objective.Term;
import io.ballast.objective.Token;
import io.ballast.objective.TokenBatch;

/**
 * ASPO: positive tokens are weighted by the inverse ratio, so that those that lag behind get more; both weights are capped softly.
 *
 * <pre>
 *   A &gt; 0:  dJ/dlogp = A min(1/x, c-pos) · 1[x ≤ 1 + ε]      J = A (h/sg h)/sg h, h = min(x, 1 + ε);  A c-pos logp where 1/h &gt; c-pos
 *   A ≤ 0:  dJ/dlogp = A min(x, c-neg) · 1[x ≥ 1 − ε]        J = A max(x, 1 − ε);                     A c-neg logp above c-neg
 *   ε = eps where H ≤ the quantile of H within the sequence, eps-high-entropy above it; no gradient through H
 * </pre>
 *
 * The values of the branches are not comparable; the gradient is what is meant.
 *
 * @see <a href="https://arxiv.org/abs/2510.06062">ASPO</a>; official code Archer2.0, compute_policy_loss_archer
 */
public record FlippedImportance(double eps, double epsHighEntropy, double cPos, double cNeg, double quantile) implements Term {
  public FlippedImportance {
    Check.within("eps", eps, 0, 1);
    Check.within("eps-high-entropy", epsHighEntropy, 0, 1);
    Check.above("c-pos", cPos, 1);
    Check.above("c-neg", cNeg, 1);
    Check.within("quantile", quantile, 0, 1);
  }

  @Override public boolean throughRatio() {
    return false;
  }

  @Override public boolean clips() {
    return true;
  }

  @Override public Kernel on(TokenBatch batch) {
    double[] entropy = batch.column(Column.ENTROPY), bounds = LowEntropy.bounds(batch, entropy, quantile);
    // the branches are taken by the log-ratio: one that hangs on an exponential has to wait for it
    double[] rooms = {eps, epsHighEntropy}, most = {Math.log(1 + eps), Math.log(1 + epsHighEntropy)}, least = {Math.log(1 - eps), Math.log(1 - epsHighEntropy)};
    double farDown = -Math.log(cPos), farUp = Math.log(cNeg);
    return new Kernel() {
      @Override public void apply(Token token) {
        int high = SignBit.of(bounds[token.sequence] - entropy[token.index]);
        double log = token.logRatio, advantage = token.advantage;
        if (advantage > 0) {
          if (log < farDown) capped(token, cPos);
          else if (log > most[high]) token.answer(advantage / (1 + rooms[high]), 0, true);
          else free(token, advantage / token.ratio);
        } else {
          if (log > farUp) capped(token, cNeg);
          else if (log < least[high]) token.answer(advantage * (1 - rooms[high]), 0, true);
          else free(token, advantage * token.ratio);
        }
      }

      private static void free(Token token, double value) {
        token.answer(value, value, false);
      }

      private static void capped(Token token, double cap) {
        token.answer(token.advantage * cap * token.logp, token.advantage * cap, false);
      }
    };
  }
}
