package io.ballast.train;

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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Greedy answers to held-out prompts, always the same ones. */
final class Evaluator {
  private final Generator generator;
  private final Tokenizer tokenizer;
  private final Verifier verifier;
  private final Sampling greedy;
  private final List<Task> tasks;
  private final List<int[]> prompts;
  private final int maxNew;

  Evaluator(Generator generator, Tokenizer tokenizer, Verifier verifier, Sampling greedy, List<Task> tasks, int maxNew) {
    if (tasks.isEmpty()) throw new IllegalArgumentException("there are no held-out prompts to evaluate on; at least one is needed");
    this.generator = generator;
    this.tokenizer = tokenizer;
    this.verifier = verifier;
    this.greedy = greedy;
    this.tasks = tasks;
    this.prompts = tasks.stream().map(task -> tokenizer.encodePrompt(task.prompt())).toList();
    this.maxNew = maxNew;
  }

  /** @param verdicts number of answers by verdict label */
  record Result(double passAt1, Map<String, Integer> verdicts, List<Sample> samples) {}

  record Sample(String prompt, String gold, String answer, String verdict, String extracted, String reason, boolean stopped) {}

  int prompts() {
    return tasks.size();
  }

  /** The verifier's score of the greedy answer to each prompt. */
  double[] scores() {
    double[] scores = new double[tasks.size()];
    for (Completion completion : greedyAnswers()) {
      scores[completion.request()] = verifier.verify(tasks.get(completion.request()).gold(), tokenizer.decode(completion.tokens())).score();
    }
    return scores;
  }

  private List<Completion> greedyAnswers() {
    List<Request> requests = new ArrayList<>(tasks.size());
    for (int i = 0; i < tasks.size(); i++) requests.add(Request.of(i, prompts.get(i), 1, maxNew));
    return generator.generate(requests, greedy, null);
  }

  Result run() {
    Sample[] samples = new Sample[tasks.size()];
    Map<String, Integer> verdicts = new TreeMap<>();
    double score = 0;
    for (Completion completion : greedyAnswers()) {
      Task task = tasks.get(completion.request());
      String answer = tokenizer.decode(completion.tokens());
      Verdict verdict = verifier.verify(task.gold(), answer);
      samples[completion.request()] = new Sample(task.prompt(), task.gold(), answer, verdict.label(), verdict.extracted(), verdict.reason(),
          completion.finish() == Finish.STOP);
      verdicts.merge(verdict.label(), 1, Integer::sum);
      if (verdict instanceof Verdict.Right) score++;
    }
    return new Result(score / samples.length, verdicts, List.of(samples));
  }
}
