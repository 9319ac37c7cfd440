package io.ballast.checkers.code;

import io.ballast.verify.Excerpt;
import io.ballast.verify.Verdict;
import io.ballast.verify.Verifier;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Runs the program in an answer, its last fenced block or the whole of it, with the gold's tests after it: right where the
 * tests run to their end. Python tests are statements ({@code assert add(1, 2) == 3}); Java tests are a class {@code Tests}
 * with a {@code main} that throws.
 *
 * <p>That the end was reached is told by a line of random digits that the program gets only to print then, so that leaving
 * early with status 0 is not passing. A program that searches its own process for the digits could still find them.
 */
final class CodeVerifier implements Verifier {
  private static final Pattern FENCE = Pattern.compile("```[ \\t]*([A-Za-z0-9+#]*)[^\\n]*\\n(.*?)(?:```|\\z)", Pattern.DOTALL);
  private static final int LONGEST = 200_000;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Language language;
  private final Limits limits;
  private final Confinement confinement;

  CodeVerifier(Language language, Limits limits, Confinement confinement) {
    this.language = language;
    this.limits = limits;
    this.confinement = confinement;
  }

  @Override public Verdict verify(String gold, String answer) {
    if (Excerpt.blank(gold)) return new Verdict.UnreadableGold("there are no tests");
    var program = program(answer);
    if (program.isEmpty()) return new Verdict.Unanswered("no program in the answer");
    if (program.get().length() > LONGEST) return new Verdict.Unanswered("a program of more than %d characters".formatted(LONGEST));
    var shown = Excerpt.cut(program.get(), 200);
    try {
      return run(program.get(), gold, shown);
    } catch (IOException e) {
      throw new UncheckedIOException("the program could not be started", e);
    }
  }

  @Override public Verdict lint(String gold) {
    var empty = verify(gold, language == Language.PYTHON ? "pass" : "class Nothing {}");
    if (empty instanceof Verdict.Right) return new Verdict.Wrong(Excerpt.cut(gold, 200), "the tests pass without an answer");
    boolean broken = empty.reason().contains("SyntaxError") || empty.reason().contains("IndentationError");
    return empty instanceof Verdict.Wrong && broken
        ? new Verdict.UnreadableGold("the tests do not parse: " + empty.reason())
        : empty instanceof Verdict.Wrong ? new Verdict.Right(Excerpt.cut(gold, 200), "tests that nothing does not pass") : empty;
  }

  private Optional<String> program(String answer) {
    String last = null;
    var fences = FENCE.matcher(answer);
    while (fences.find()) {
      var tag = fences.group(1).toLowerCase(Locale.ROOT);
      boolean ours = tag.isEmpty() || tag.equals(language.name().toLowerCase(Locale.ROOT)) || (language == Language.PYTHON && (tag.equals("py") || tag.equals("python3")));
      if (ours) last = fences.group(2);
    }
    return Optional.of(last == null ? answer : last).filter(text -> !Excerpt.blank(text));
  }

  private Verdict run(String program, String tests, String shown) throws IOException {
    var folder = Files.createTempDirectory("ballast-code");
    try {
      var work = Files.createDirectory(folder.resolve("work"));
      var secret = HexFormat.of().formatHex(RANDOM.generateSeed(16));
      var builder = new ProcessBuilder(confinement.command(language.prepare(program, tests, folder, limits), work, limits, language.limitsAddressSpace()));
      builder.directory(work.toFile()).redirectErrorStream(true);
      var path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
      builder.environment().clear();
      builder.environment().put("PATH", path);
      builder.environment().put("LANG", "C.UTF-8");
      builder.environment().put("HOME", work.toString());
      var process = builder.start();
      try {
        return watched(process, secret, shown);
      } finally {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    } finally {
      delete(folder);
    }
  }

  private Verdict watched(Process process, String secret, String shown) throws IOException {
    try (var in = process.outputWriter(StandardCharsets.US_ASCII)) {
      in.write(secret + "\n");
    } catch (IOException e) {
      // it ended before it read anything; what it wrote says why
    }
    var output = new Output(process.getInputStream(), limits.outputKb() * 1024);
    var reader = Thread.ofVirtual().start(output);
    try {
      boolean ended = process.waitFor(Math.round(limits.wallSeconds() * 1_000), TimeUnit.MILLISECONDS);
      if (!ended) return new Verdict.TimedOut(shown, "the program ran longer than %s s".formatted(limits.wallSeconds()));
      reader.join(1_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Verdict.TimedOut(shown, "interrupted");
    }
    if (output.overflowed()) return new Verdict.Wrong(shown, "the program wrote more than %d KiB".formatted(limits.outputKb()));
    var text = output.text();
    if (process.exitValue() == 0 && text.lines().anyMatch(secret::equals)) return new Verdict.Right(shown, "all tests passed");
    if (process.exitValue() == 137 || process.exitValue() == 152) return new Verdict.TimedOut(shown, "the program used more than %d s of processor time".formatted(limits.cpuSeconds()));
    var lines = text.lines().filter(line -> !line.isBlank()).toList();
    var why = lines.isEmpty() ? "no output" : lines.getLast().strip();
    return new Verdict.Wrong(shown, "the tests did not pass (status %d): %s".formatted(process.exitValue(), Excerpt.cut(why, 200)));
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
    }
  }

  /** Reads what a program writes, up to a limit; past it the rest is thrown away. */
  private static final class Output implements Runnable {
    private final InputStream in;
    private final int limit;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private boolean overflowed;

    Output(InputStream in, int limit) {
      this.in = in;
      this.limit = limit;
    }

    @Override public void run() {
      var buffer = new byte[8_192];
      try {
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          synchronized (this) {
            int room = Math.min(n, limit - kept.size());
            kept.write(buffer, 0, room);
            overflowed |= room < n;
          }
        }
      } catch (IOException e) {
        // the stream closes under the reader when the program is killed
      }
    }

    synchronized boolean overflowed() {
      return overflowed;
    }

    synchronized String text() {
      return kept.toString(StandardCharsets.UTF_8);
    }
  }
}
