package io.ballast.train;

import io.ballast.advantage.OverlongPenalty;
import io.ballast.model.Routes;
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

  @Override public List<Trajectory> write(List<Task> tasks, long firstVisit, int version, List<Trajectory> begun, double share) {
    List<Request> requests = new ArrayList<>(tasks.size());
    List<Integer> groups = new ArrayList<>(tasks.size());
    int[][] rolledIn = new int[tasks.size()][];
    Trajectory[] answers = begun.isEmpty() ? new Trajectory[tasks.size() * groupSize] : begun.toArray(Trajectory[]::new);
    for (int i = 0; i < tasks.size(); i++) {
      rolledIn[i] = rollIns.of(tasks.get(i), firstVisit + i);
      int[] prompt = joined(tokenizer.encodePrompt(tasks.get(i).prompt()), rolledIn[i]);
      int end = (int) Math.ceil((maxNew - rolledIn[i].length) * share);
      if (begun.isEmpty()) {
        requests.add(Request.of(firstVisit + i, prompt, groupSize, end));
        groups.add(i);
        continue;
      }
      for (int sample = 0; sample < groupSize; sample++) {
        Trajectory answer = answers[i * groupSize + sample];
        if (!answer.unfinished() || answer.length() >= end) continue;
        requests.add(new Request(firstVisit + i, prompt, 1, sample, end, List.of(answer.tokens())));
        groups.add(i);
      }
    }
    for (Completion completion : generator.generate(requests, sampling, null)) {
      int i = groups.get(completion.request()), at = i * groupSize + completion.sample();
      answers[at] = answer(tasks.get(i), firstVisit + i, requests.get(completion.request()).prompt(), rolledIn[i], answers[at], completion, version);
    }
    return List.of(answers);
  }

  private static int[] joined(int[] first, int[] second) {
    int[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private Trajectory answer(Task task, long visit, int[] prompt, int[] rolledIn, @Nullable Trajectory begun, Completion completion, int version) {
    int[] tokens = begun == null ? completion.tokens() : joined(begun.tokens(), completion.tokens());
    float[] logp = completion.logp();
    int[] versions = new int[tokens.length];
    Arrays.fill(versions, version);
    if (begun != null) {
      logp = Arrays.copyOf(begun.behaviourLogp(), tokens.length);
      System.arraycopy(completion.logp(), 0, logp, begun.length(), completion.logp().length);
      System.arraycopy(begun.version(), 0, versions, 0, begun.length());
    }
    boolean stopped = completion.finish() == Finish.STOP;
    // Experts are those of the last version that read the answer: it read all of it.
    Routes routes = routingReplay ? completion.routes() : null;
    if (!stopped && rolledIn.length + tokens.length < maxNew) {
      return new Trajectory(visit, completion.sample(), task.id(), task.prompt(), task.gold(), "", prompt, tokens, logp, versions, false,
          Trajectory.UNFINISHED, "", "", 0, Map.of(), Map.of(), routes, null);
    }
    String answer = tokenizer.decode(joined(rolledIn, tokens));
    Verdict verdict = verifier.verify(task.gold(), answer);
    Map<String, Double> parts = new LinkedHashMap<>();
    parts.put(Trajectory.CORRECT, verdict.score());
    double reward = verdict.score();
    if (overlong != null) {
      double penalty = overlong.of(rolledIn.length + tokens.length);
      parts.put("overlong", penalty);
      reward += penalty;
    }
    return new Trajectory(visit, completion.sample(), task.id(), task.prompt(), task.gold(), answer, prompt, tokens, logp, versions, stopped,
        verdict.label(), verdict.extracted(), verdict.reason(), reward, parts,
        fresh ? Map.of(Column.ENTROPY, TokenColumns.wide(completion.entropy())) : Map.of(), routes, null);
  }
}
