package io.ballast.train;

import io.ballast.text.Tokenizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Trained trajectories as the run directory and the report show them: with the text of each token and what the objective did to it. */
final class Rendering {
  private Rendering() {}

  static List<io.ballast.ledger.Trajectory> of(List<Trajectory> part, Learner.Update update, Tokenizer tokenizer) {
    List<io.ballast.ledger.Trajectory> rendered = new ArrayList<>(part.size());
    Map<Long, Integer> groups = new HashMap<>();
    int[] offsets = update.batch().offsets();
    for (int s = 0; s < part.size(); s++) {
      Trajectory t = part.get(s);
      int n = t.length();
      groups.putIfAbsent(t.group(), groups.size());
      double[] behaviour = new double[n], logp = new double[n];
      long[] version = new long[n];
      int[] clipped = new int[n];
      String[] pieces = new String[n];
      for (int i = 0; i < n; i++) {
        int at = offsets[s] + i;
        behaviour[i] = t.behaviourLogp()[i];
        logp[i] = update.batch().logp()[at];
        version[i] = t.version()[i];
        clipped[i] = update.evaluation().dlogp()[at] == 0 && update.batch().advantage()[at] != 0 ? 1 : 0;
        pieces[i] = tokenizer.decode(new int[] {t.tokens()[i]});
      }
      rendered.add(new io.ballast.ledger.Trajectory(groups.get(t.group()), t.prompt(), t.gold(), t.answer(), t.tokens(), pieces, behaviour, version,
          t.reward(), t.parts(), t.estimate().advantage(), logp, clipped, t.verdict(), t.reason()));
    }
    return rendered;
  }
}
