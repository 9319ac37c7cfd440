package io.ballast.cli;

import io.ballast.config.Overrides;
import io.ballast.data.DataSettings;
import io.ballast.data.TaskFile;
import io.ballast.ledger.Json;
import io.ballast.ledger.ProgressDisplay;
import io.ballast.model.Policy;
import io.ballast.sample.Completion;
import io.ballast.sample.Generator;
import io.ballast.sample.Request;
import io.ballast.sample.Sampling;
import io.ballast.text.Tokenizer;
import io.ballast.verify.PassRates;
import io.ballast.verify.Tally;
import io.ballast.verify.Task;
import io.ballast.verify.Verdict;
import io.ballast.verify.Verifier;
import io.ballast.verify.Verifiers;
import io.ballast.verify.task.TaskFamily;
import io.ballast.verify.task.Tasks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "eval",
    description = "pass@1, pass@k and avg@k of a checkpoint, with 95 %% bootstrap intervals over the prompts.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  ballast eval --model runs/first/checkpoints/step-200/model --data arithmetic --greedy",
      "  ballast eval --model DIR --data test.jsonl --verifier gsm8k --samples 8 --temperature 0.8 --json"
    })
final class EvalVerb implements Callable<Integer> {

  @Mixin
  private ModelOptions options = new ModelOptions();

  @Option(names = "--data", paramLabel = "SRC", description = "JSON lines with prompts and expected answers, or a task's name: its held-out prompts.")
  private @Nullable String data;

  @Option(names = "--verifier", paramLabel = "V", description = "The checker of answers; a task has its own.")
  private @Nullable String verifierName;

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "A setting of the task or, with a file, of the checker.")
  private List<String> overrides = List.of();

  @Option(names = "--prompt-field", paramLabel = "NAME", description = "Field of the prompt (default: prompt, question, problem or input).")
  private @Nullable String promptField;

  @Option(names = "--gold-field", paramLabel = "NAME", description = "Field of the expected answer (default: gold, answer, solution or target).")
  private @Nullable String goldField;

  @Option(names = "--limit", paramLabel = "N", description = "The first N prompts only (a task: 256 unless given).")
  private @Nullable Integer limit;

  @Option(names = "--samples", paramLabel = "K", description = "Answers to each prompt (default: 1).")
  private int samples = 1;

  @Mixin
  private SamplingOptions sampling = new SamplingOptions();

  @Option(names = "--json", description = "One JSON object instead of lines for people.")
  private boolean json;

  @Override public Integer call() {
    if (samples < 1) throw new RequestException("--samples must be at least 1, got " + samples);
    if (limit != null && limit < 1) throw new RequestException("--limit must be at least 1, got " + limit);
    options.folder();
    List<Task> tasks = new ArrayList<>();
    Verifier verifier;
    try {
      verifier = prepare(tasks);
    } catch (IllegalArgumentException e) {
      throw new RequestException(e.getMessage());
    }
    var tally = new Tally();
    PassRates rates;
    try (Policy policy = options.policy(); Tokenizer tokenizer = Objects.requireNonNull(options.tokenizer(true)); var generator = new Generator(policy)) {
      Sampling how = sampling.sampling(options.folder(), policy.config(), samples > 1);
      rates = rates(tasks, verifier, policy, tokenizer, generator, how, tally);
    } catch (IllegalArgumentException e) {
      throw new RequestException(e.getMessage());
    }
    print(tasks.size(), rates, tally);
    return Exit.DONE;
  }

  /** Fills in the prompts and returns their checker. */
  private Verifier prepare(List<Task> tasks) {
    if (data == null) throw new RequestException("--data is missing: a file of JSON lines, or a task (%s)".formatted(String.join(", ", Tasks.names())));
    Map<String, Object> settings = Overrides.read(overrides);
    if (Tasks.names().contains(data) && !Files.exists(Path.of(data))) {
      TaskFamily family = Tasks.named(data, settings);
      long count = Math.min(family.heldOut().size(), limit == null ? 256 : limit);
      LongStream.range(0, count).forEach(i -> tasks.add(family.heldOut().at(i)));
      return verifierName == null ? family.verifier() : Verifiers.named(verifierName, Map.of());
    }
    if (verifierName == null) throw new RequestException("--verifier is missing, one of: " + String.join(", ", Verifiers.names()));
    Map<String, Object> columns = new LinkedHashMap<>(Map.of("path", data));
    if (promptField != null) columns.put("prompt", promptField);
    if (goldField != null) columns.put("answer", goldField);
    List<Task> all = new ArrayList<>();
    new TaskFile(DataSettings.of(columns), _ -> "").each(all::add);
    tasks.addAll(limit == null ? all : all.subList(0, Math.min(limit, all.size())));
    return Verifiers.named(verifierName, settings);
  }

  private PassRates rates(List<Task> tasks, Verifier verifier, Policy policy, Tokenizer tokenizer, Generator generator, Sampling how, Tally tally) {
    List<Request> requests = new ArrayList<>();
    for (Task task : tasks) {
      int[] prompt = tokenizer.encodePrompt(task.prompt());
      requests.add(Request.of(task.id(), prompt, samples, sampling.maxNew(options.folder(), policy.config(), prompt.length)));
    }
    int[] right = new int[tasks.size()];
    double[] score = new double[tasks.size()];
    try (var display = ProgressDisplay.standard(Streams.err())) {
      display.phase("sampling", 0, (long) tasks.size() * samples);
      List<Completion> answers = generator.generate(requests, how, (_, finished, _) -> {
        display.step(finished, Map.of());
        return true;
      });
      for (Completion answer : answers) {
        Task task = tasks.get(answer.request());
        Verdict verdict = verifier.verify(task.gold(), tokenizer.decode(answer.tokens()));
        tally.add(verdict);
        if (verdict instanceof Verdict.Right) right[answer.request()]++;
        score[answer.request()] += verdict.score() / samples;
      }
    }
    return new PassRates(right, score, samples);
  }

  private void print(int prompts, PassRates rates, Tally tally) {
    var results = new LinkedHashMap<String, PassRates.Rate>();
    results.put("pass@1", rates.passAt(1));
    for (int k = 2; k < samples; k *= 2) results.put("pass@" + k, rates.passAt(k));
    if (samples > 1) results.put("pass@" + samples, rates.passAt(samples));
    results.put("avg@" + samples, rates.average());
    if (!json) {
      results.forEach((name, rate) -> Streams.out().println(String.format(Locale.ROOT, "%-8s %5.1f %%   (95 %% of resamples: %.1f to %.1f)", name,
          100 * rate.value(), 100 * rate.low(), 100 * rate.high())));
      Streams.out().println("%d prompts, %d answer(s) each: %s".formatted(prompts, samples, tally));
      return;
    }
    var object = new LinkedHashMap<String, Object>();
    object.put("prompts", prompts);
    object.put("samples", samples);
    results.forEach((name, rate) -> {
      var one = new LinkedHashMap<String, Object>();
      one.put("value", rate.value());
      one.put("low", rate.low());
      one.put("high", rate.high());
      object.put(name.replace("@", "At"), one);
    });
    var verdicts = new LinkedHashMap<String, Object>();
    for (String label : List.of("right", "wrong", "unanswered", "unreadable-gold", "timed-out")) verdicts.put(label, tally.count(label));
    object.put("verdicts", verdicts);
    Streams.out().println(Json.line(object));
  }
}
