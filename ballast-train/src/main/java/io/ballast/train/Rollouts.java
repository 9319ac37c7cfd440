package io.ballast.train;

import io.ballast.advantage.OverlongPenalty;
import io.ballast.objective.Column;
import io.ballast.sample.Completion;
import io.ballast.sample.Finish;
import io.ballast.sample.Generator;
import io.ballast.sample.Request;
import io.ballast.sample.Sampling;
import io.ballast.text.Tokenizer;
import io.ballast.verify.Task;
import io.ballast.verify.Verdict;
import io.ballast.verify.Verifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Samples answers to prompts, from where the method has them start, and has them checked as a whole.
 *
 * @param maxNew tokens an answer may have, what it starts with included
 * @param rollIns what answers start with
 * @param fresh whether answers are trained on before the policy moves, which spares a forward pass if their entropies are kept
 * @param routingReplay whether answers keep the experts their tokens were sent to
 * @param overlong shaping of the reward by length, or null
 */
record Rollouts(Generator generator, Tokenizer tokenizer, Verifier verifier, Sampling sampling, int groupSize, int maxNew, RollIns rollIns,
    boolean fresh, boolean routingReplay, @Nullable OverlongPenalty overlong) implements Answers {

  @Override public List<Trajectory> sample(List<Task> tasks, long firstVisit, int version) {
    List<Request> requests = new ArrayList<>(tasks.size());
    int[][] begun = new int[tasks.size()][];
    for (int i = 0; i < begun.length; i++) {
      begun[i] = rollIns.of(tasks.get(i), firstVisit + i);
      requests.add(Request.of(firstVisit + i, joined(tokenizer.encodePrompt(tasks.get(i).prompt()), begun[i]), groupSize, maxNew - begun[i].length));
    }
    Trajectory[] trajectories = new Trajectory[tasks.size() * groupSize];
    for (Completion completion : generator.generate(requests, sampling, null)) {
      int i = completion.request();
      trajectories[i * groupSize + completion.sample()] =
          check(tasks.get(i), firstVisit + i, requests.get(i).prompt(), begun[i], completion, version);
    }
    return List.of(trajectories);
  }

  private static int[] joined(int[] first, int[] second) {
    int[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private Trajectory check(Task task, long visit, int[] prompt, int[] begun, Completion completion, int version) {
    boolean stopped = completion.finish() == Finish.STOP;
    String answer = tokenizer.decode(joined(begun, completion.tokens()));
    Verdict verdict = verifier.verify(task.gold(), answer);
    Map<String, Double> parts = new LinkedHashMap<>();
    parts.put(Trajectory.CORRECT, verdict.score());
    double reward = verdict.score();
    if (overlong != null) {
      double penalty = overlong.of(begun.length + completion.tokens().length);
      parts.put("overlong", penalty);
      reward += penalty;
    }
    int[] versions = new int[completion.tokens().length];
    Arrays.fill(versions, version);
    return new Trajectory(visit, completion.sample(), task.id(), task.prompt(), task.gold(), answer, prompt, completion.tokens(), completion.logp(),
        versions, stopped, verdict.label(), verdict.extracted(), verdict.reason(), reward, parts,
        fresh ? Map.of(Column.ENTROPY, TokenColumns.wide(completion.entropy())) : Map.of(), routingReplay ? completion.routes() : null, null);
  }
}
