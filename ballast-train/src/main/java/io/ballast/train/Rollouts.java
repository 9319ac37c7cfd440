package io.ballast.train;

import io.ballast.advantage.OverlongPenalty;
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
 * Samples answers to prompts and has them checked.
 *
 * @param routingReplay whether answers keep the experts their tokens were sent to
 * @param overlong shaping of the reward by length, or null
 */
record Rollouts(Generator generator, Tokenizer tokenizer, Verifier verifier, Sampling sampling, int groupSize, int maxNew,
    boolean routingReplay, @Nullable OverlongPenalty overlong) implements Answers {

  @Override public List<Trajectory> sample(List<Task> tasks, long firstVisit, int version) {
    List<Request> requests = new ArrayList<>(tasks.size());
    for (int i = 0; i < tasks.size(); i++) requests.add(Request.of(firstVisit + i, tokenizer.encodePrompt(tasks.get(i).prompt()), groupSize, maxNew));
    Trajectory[] trajectories = new Trajectory[tasks.size() * groupSize];
    for (Completion completion : generator.generate(requests, sampling, null)) {
      int i = completion.request();
      trajectories[i * groupSize + completion.sample()] =
          check(tasks.get(i), firstVisit + i, requests.get(i).prompt(), completion, version);
    }
    return List.of(trajectories);
  }

  private Trajectory check(Task task, long visit, int[] prompt, Completion completion, int version) {
    boolean stopped = completion.finish() == Finish.STOP;
    String answer = tokenizer.decode(completion.tokens());
    Verdict verdict = verifier.verify(task.gold(), answer);
    Map<String, Double> parts = new LinkedHashMap<>();
    parts.put(Trajectory.CORRECT, verdict.score());
    double reward = verdict.score();
    if (overlong != null) {
      double penalty = overlong.of(completion.tokens().length);
      parts.put("overlong", penalty);
      reward += penalty;
    }
    int[] versions = new int[completion.tokens().length];
    Arrays.fill(versions, version);
    return new Trajectory(visit, completion.sample(), task.id(), task.prompt(), task.gold(), answer, prompt, completion.tokens(), completion.logp(),
        versions, stopped, verdict.label(), verdict.extracted(), verdict.reason(), reward, parts, Map.of(),
        routingReplay ? completion.routes() : null, null);
  }
}
