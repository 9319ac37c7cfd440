package io.ballast.data;

import io.ballast.verify.Setting;
import io.ballast.verify.Settings;
import io.ballast.verify.Verifiers;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The {@code data} and {@code verifier} sections of a recipe: where examples lie and what their columns mean.
 *
 * @param path file or folder; empty where {@code sql} is given. A folder with {@code train.*} and {@code test.*} (or folders of these names) is split so
 * @param evalPath file or folder with the held-out examples; empty: a part of {@code path}, chosen by a hash of the prompt
 * @param format {@code auto}, {@code jsonl}, {@code json}, {@code csv}, {@code parquet}
 * @param dataset {@code gsm8k} or {@code math}: their columns and verifier; empty: none
 * @param sql a {@code select} that yields the rows, in place of {@code path}
 * @param prompt column with the problem
 * @param gold column with the expected answer
 * @param solution column with an answer to imitate; empty: the gold
 * @param hints columns with hints
 * @param template the prompt's text with columns in braces; empty: the problem as it is
 * @param chat whether the prompt is written by the model's chat template
 * @param system text of a system message before it; needs {@code chat}
 * @param evalShare share of the prompts held out, where no {@code evalPath} is
 * @param evalCount held-out prompts kept; 0: all
 * @param longestPrompt longest prompt kept; 0: any. Counted in characters, or in tokens where the caller counts these
 * @param longestAnswer longest solution kept, counted likewise; 0: any
 * @param verifier name of the verifier
 * @param verifierSettings its settings
 */
public record DataSettings(String path, String evalPath, String format, String dataset, String sql, String prompt, String gold, String solution,
    List<String> hints, String template, boolean chat, String system, double evalShare, int evalCount, int longestPrompt, int longestAnswer,
    String verifier, Map<String, Object> verifierSettings) {

  private static final String VERIFIER = "verifier.";
  public static final List<Setting> SETTINGS = List.of(
      Setting.text("path", "", "file or folder with the examples"),
      Setting.text("eval-path", "", "file or folder with the held-out examples; empty: a part of path, by a hash of the prompt"),
      Setting.choice("format", "auto", List.of("auto", "jsonl", "json", "csv", "parquet"), "auto: by the file's ending"),
      Setting.choice("dataset", "", List.of("", "gsm8k", "math"), "columns and verifier of a known data set"),
      Setting.text("sql", "", "a select that yields the rows, in place of path"),
      Setting.text("prompt", "", "column with the problem; empty: the data set's, or prompt, question, problem or input"),
      Setting.text("answer", "", "column with the expected answer; empty: the data set's, or gold, answer, solution or target"),
      Setting.text("solution", "", "column with an answer to imitate; empty: the data set's, or the gold"),
      Setting.text("hints", "", "columns with hints, commas between them"),
      Setting.text("template", "", "the prompt with columns in braces; empty: the problem as it is"),
      Setting.flag("chat", false, "the model's chat template writes the prompt"),
      Setting.text("system", "", "text of a system message; needs chat"),
      Setting.number("eval-share", 0.05, "share of the prompts held out where there is no eval-path"),
      Setting.whole("eval-count", 512, "held-out prompts kept; 0: all"),
      Setting.whole("longest-prompt", 0, "longest prompt kept; 0: any"),
      Setting.whole("longest-answer", 0, "longest solution kept; 0: any"),
      Setting.text("verifier", "", "name of the verifier; empty: the data set's, or exact"));

  public DataSettings {
    hints = List.copyOf(hints);
    verifierSettings = Collections.unmodifiableMap(new TreeMap<>(verifierSettings)); // Map.copyOf has another order in every process
    if (path.isBlank() == sql.isBlank()) throw refused("path", "or sql must say where the examples are, and only one of them");
    if (!system.isEmpty() && !chat) throw refused("system", "needs chat: true; without it write the text into template");
    if (!(evalShare > 0 && evalShare < 1)) throw refused("eval-share", "must be above 0 and below 1, got " + evalShare);
    if (evalCount < 0 || longestPrompt < 0 || longestAnswer < 0) throw refused("eval-count, longest-prompt, longest-answer", "must not be negative");
    if (!dataset.isEmpty()) Known.named(dataset);
    if (!template.isEmpty()) new PromptTemplate(template);
    Verifiers.kind(verifier);
  }

  /**
   * @param given setting name to value; settings of the verifier as {@code verifier.NAME}, or {@code verifier} as a map with {@code id}
   * @throws IllegalArgumentException naming the setting and what is allowed
   */
  public static DataSettings of(Map<String, ?> given) {
    var own = new LinkedHashMap<String, Object>();
    var verifier = new LinkedHashMap<String, Object>();
    given.forEach((name, value) -> {
      if (name.startsWith(VERIFIER)) verifier.put(name.substring(VERIFIER.length()), value);
      else if (name.equals("verifier") && value instanceof Map<?, ?> map) map.forEach((key, item) -> verifier.put(String.valueOf(key), item));
      else own.put(name, value);
    });
    if (verifier.containsKey("id")) own.put("verifier", verifier.remove("id"));
    var s = new Settings("data", SETTINGS, own);
    boolean known = !s.text("dataset").isEmpty();
    String named = s.text("verifier");
    var hints = Arrays.stream(s.text("hints").split(",")).map(String::strip).filter(hint -> !hint.isEmpty()).toList();
    return new DataSettings(s.text("path"), s.text("eval-path"), s.text("format"), s.text("dataset"), s.text("sql"), s.text("prompt"), s.text("answer"),
        s.text("solution"), hints, s.text("template"), s.flag("chat"), s.text("system"), s.number("eval-share"), s.count("eval-count", 0),
        s.count("longest-prompt", 0), s.count("longest-answer", 0), !named.isEmpty() ? named : known ? Known.named(s.text("dataset")).verifier() : "exact", verifier);
  }

  /** Every setting with its value, as {@link #of} reads them. */
  public Map<String, Object> resolved() {
    var out = new LinkedHashMap<String, Object>();
    Object[] values = {path, evalPath, format, dataset, sql, prompt, gold, solution, String.join(",", hints), template, chat, system, evalShare,
        (long) evalCount, (long) longestPrompt, (long) longestAnswer, verifier};
    for (int i = 0; i < values.length; i++) out.put(SETTINGS.get(i).name(), values[i]);
    verifierSettings.forEach((name, value) -> out.put(VERIFIER + name, value));
    return out;
  }

  private static IllegalArgumentException refused(String name, String rule) {
    return new IllegalArgumentException("data: %s %s".formatted(name, rule));
  }
}
