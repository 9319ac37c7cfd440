package io.ballast.examples;

import io.ballast.advantage.GroupNormalised;
import io.ballast.config.RecipeReader;
import io.ballast.ledger.RunDirectory;
import io.ballast.method.Assembly;
import io.ballast.objective.Evaluation;
import io.ballast.objective.Metric;
import io.ballast.objective.Objective;
import io.ballast.objective.TokenBatch;
import io.ballast.train.Summary;
import io.ballast.train.Training;
import io.ballast.verify.Verdict;
import io.ballast.verify.Verifier;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/** Trains a small model with a business rule of one's own as the verifier and an objective of one's own. */
public final class OwnRules {
  private OwnRules() {}

  /** The invoice must add up, and the working must fit on one line of 24 characters. */
  static final Verifier SHORT_AND_RIGHT = (gold, answer) -> {
    int colon = answer.lastIndexOf(':');
    if (colon < 0) return new Verdict.Unanswered("no result after a colon");
    String result = answer.substring(colon + 1);
    if (!result.equals(gold)) return new Verdict.Wrong(result, "expected " + gold);
    return answer.length() <= 24 ? new Verdict.Right(result, "adds up") : new Verdict.Wrong(0.5, result, "adds up, but the working is too long");
  };

  /**
   * A soft trust region: each token's advantage counts less the further the policy has moved away from the sampler on it.
   *
   * <pre>   L = −1/T Σ_t sg[1 / (1 + (ρ_t − 1)²)] ρ_t A_t      dL/dlogp_t = −1/T · sg[…] ρ_t A_t</pre>
   */
  record Leash() implements Objective {
    @Override public Evaluation evaluate(TokenBatch batch) {
      double[] dlogp = new double[batch.tokens()];
      double loss = 0, weights = 0;
      for (int t = 0; t < dlogp.length; t++) {
        double ratio = batch.ratio(t), weight = 1 / (1 + (ratio - 1) * (ratio - 1));
        dlogp[t] = -weight * ratio * batch.advantage()[t] / batch.step().tokens();
        loss += dlogp[t];
        weights += weight;
      }
      return new Evaluation(loss, dlogp, Map.of("leash-weight", new Metric.Mean(weights, dlogp.length)));
    }
  }

  /** @param folder of the run; with a run in it already, that run goes on */
  public static Summary train(Path folder, List<String> overrides) {
    var recipe = new RecipeReader(Map.of()).readText("""
        task:
          id: arithmetic
          digits: 2
        schedule:
          steps: 40
        """, "own rules", overrides);
    var method = new Assembly(new Leash(), new GroupNormalised(GroupNormalised.Scale.GROUP, 1e-6), true, List.of());
    try (var run = RunDirectory.start(folder, Clock.systemDefaultZone())) {
      return Training.of(recipe).verifier(SHORT_AND_RIGHT).method(method).run(run);
    }
  }

  public static void main(String[] arguments) {
    System.out.println(train(Path.of(arguments.length > 0 ? arguments[0] : "runs/own-rules"), List.of()).text());
  }
}
