package io.ballast.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  @TempDir Path home;

  private static Trajectory trajectory(String answer) {
    return new Trajectory(0, "1+1=", "2", answer, new int[] {3, 1}, new String[] {answer, ""}, new double[] {-0.5, -0.1}, new long[] {0, 0}, 1,
        Map.of("correct", 1.0), new double[] {0.5, 0.5}, new double[] {-0.4, -0.1}, new int[] {0, 1}, "right", "equal as numbers");
  }

  private Path run() throws IOException {
    try (var run = RunDirectory.start(home.resolve("run"), Clock.systemUTC())) {
      run.writeRecipe("method:\n  id: bapo\ntask:\n  id: arithmetic\n");
      run.events().started(Map.of());
      for (int step = 0; step <= 30; step++) {
        run.metrics().append(step, Map.of("reward-mean", step / 30.0, "clip-low", 0.6, "clip-high", 1.2, "pass-at-1", step / 40.0));
        if (step % 2 == 0) run.writeRollouts(step, List.of(trajectory("</script><b>2</b>")));
      }
      run.events().finished(30, "pass@1 rose from 0 % to 75 %");
    }
    return home.resolve("run");
  }

  @Test void the_page_holds_everything_and_loads_nothing() throws IOException {
    String page = Files.readString(Report.write(run()));
    assertThat(page).contains("pass@1 rose from 0 % to 75 %").contains("\"reward-mean\"").contains("id: bapo");
    assertThat(page.replace("http://www.w3.org/2000/svg", "")).doesNotContain("http://").doesNotContain("https://").doesNotContain(" src=");
  }

  @Test void text_from_a_model_cannot_leave_its_place() throws IOException {
    String page = Files.readString(Report.write(run()));
    assertThat(page).contains("\\u003c/script>").doesNotContain("</script><b>");
    assertThat(page.split("</script>", -1)).hasSize(3);
  }

  @Test void rollouts_of_a_long_run_are_spread_over_it() throws IOException {
    String page = Files.readString(Report.write(run()));
    assertThat(IntStream.rangeClosed(0, 30).filter(step -> page.contains("\"step\":" + step + ",\"trajectories\"")))
        .hasSize(12).contains(0, 30);
  }

  @Test void a_folder_that_is_no_run_is_refused() {
    assertThatThrownBy(() -> Report.write(home)).isInstanceOf(RunRefusedException.class).hasMessageContaining("is not a run");
    assertThatThrownBy(() -> Report.write(home.resolve("nowhere"))).hasMessageContaining("there is no run at");
  }

  @Test void a_browser_draws_the_page_without_an_error() throws Exception {
    String browser = Stream.of("chromium", "chromium-browser", "google-chrome").map(ReportTest::onPath).filter(path -> path != null).findFirst().orElse(null);
    Assumptions.assumeTrue(browser != null, "no chromium on the path to open the page with");
    String report = Report.write(run()).toUri().toString();
    String page = drawn(browser, report);
    // Charts are drawn when the browser has laid the page out; on a busy machine it may dump the page before that.
    for (int again = 0; again < 3 && !page.contains("<path d=\"M"); again++) page = drawn(browser, report);
    assertThat(page).contains("<td>finished</td>").contains("<h3>Bounds on the ratio</h3>").contains("class=\"tok clipped\"").contains("<path d=\"M");
  }

  private String drawn(String browser, String report) throws Exception {
    Path dom = home.resolve("dom.html");
    Process process = new ProcessBuilder(browser, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + home.resolve("profile"),
        "--virtual-time-budget=10000", "--dump-dom", report)
        .redirectOutput(dom.toFile()).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    boolean ended = process.waitFor(60, TimeUnit.SECONDS);
    if (!ended) process.destroyForcibly();
    Assumptions.assumeTrue(ended && Files.size(dom) > 0, "chromium does not start on this machine");
    return Files.readString(dom);
  }

  private static String onPath(String name) {
    for (String folder : System.getenv("PATH").split(":")) {
      Path path = Path.of(folder, name);
      if (Files.isExecutable(path)) return path.toString();
    }
    return null;
  }
}
