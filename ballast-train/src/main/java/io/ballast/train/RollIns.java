package io.ballast.train;

import io.ballast.method.RollIn;
import io.ballast.text.Tokenizer;
import io.ballast.verify.Task;
import io.ballast.verify.Verdict;
import io.ballast.verify.Verifier;
import io.ballast.verify.task.TaskFamily;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The first tokens of a right demonstration, for answers that go on from there; the same for all answers of a prompt's visit, so that their
 * rewards compare. Where no right demonstration is found, answers start at the prompt.
 *
 * @param maxNew tokens an answer may have, what it starts with included: a roll-in leaves at least one to write
 */
record RollIns(RollIn law, TaskFamily tasks, Verifier verifier, Tokenizer tokenizer, int maxNew, long seed) {
  private static final int[] NONE = {};

  /** Demonstrations of a task that go wrong on purpose are drawn again so often. */
  private static final int DRAWS = 8;

  int[] of(Task task, long visit) {
    if (law.share() == 0) return NONE;
    int[] trace = trace(task, visit);
    if (trace == null) return NONE;
    int length = law.tokens(trace.length, uniform(visit, 22), uniform(visit, 23));
    return Arrays.copyOf(trace, Math.min(length, maxNew - 1));
  }

  private int @Nullable [] trace(Task task, long visit) {
    for (int draw = 0; draw < DRAWS; draw++) {
      String text = tasks.demonstration(task, Mixing.bits(seed, 24 + draw, visit));
      if (verifier.verify(task.gold(), text) instanceof Verdict.Right) return tokenizer.encode(text);
    }
    return null;
  }

  private double uniform(long visit, long purpose) {
    return (Mixing.bits(seed, purpose, visit) >>> 11) * 0x1p-53;
  }
}
