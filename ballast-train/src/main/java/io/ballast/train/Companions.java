package io.ballast.train;

import io.ballast.config.Recipe;
import io.ballast.control.Following;
import io.ballast.control.MovingReference;
import io.ballast.method.Supply;
import io.ballast.model.Policy;
import io.ballast.objective.Column;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The policies kept beside the one that is trained, because a method reads their log-probabilities: a reference and an average that follow
 * it, teachers from checkpoints, and the versions that sampled the answers still to be trained on.
 *
 * <p>Owns their native memory: a set of weights each. All but the teachers are part of a checkpoint.
 */
final class Companions implements AutoCloseable {
  private static final String REFERENCE = "reference", AVERAGE = "average", SAMPLERS = "samplers";

  private final Policy trained;
  private final boolean keepsSamplers;
  private final List<Follower> followers = new ArrayList<>();
  private final Map<Integer, Policy> samplers = new TreeMap<>();
  private @Nullable Policy teacher;
  private @Nullable Policy weakTeacher;

  /** A copy that follows the trained policy, saved in a folder of its own. */
  private record Follower(String folder, Policy policy, Following following) {}

  private Companions(Policy trained, boolean keepsSamplers) {
    this.trained = trained;
    this.keepsSamplers = keepsSamplers;
  }

  /**
   * What the method of a recipe reads.
   *
   * @param checkpoint where the run goes on; empty at its start, when every copy is the policy as it is
   */
  static Companions of(Setup setup, Policy trained, Optional<Path> checkpoint) {
    List<String> columns = setup.method().columns();
    Recipe.Model model = setup.recipe().model();
    Supply supply = setup.method().supply();
    var companions = new Companions(trained, columns.contains(Column.KL_OLD));
    try {
      if (columns.contains(Column.REF_LOGP) || columns.contains(Column.TILTED_REF_LOGP)) {
        companions.follow(setup, REFERENCE, reference(model.reference(), supply.reference()), checkpoint);
      }
      if (columns.contains(Column.EWMA_LOGP)) companions.follow(setup, AVERAGE, supply.average(), checkpoint);
      if (columns.contains(Column.TEACHER_LOGP)) companions.teacher = setup.frozen(Path.of(model.teacher()));
      if (columns.contains(Column.WEAK_TEACHER_LOGP)) companions.weakTeacher = setup.frozen(Path.of(model.weakTeacher()));
      if (companions.keepsSamplers && checkpoint.isPresent()) companions.restoreSamplers(setup, checkpoint.get().resolve(SAMPLERS));
      return companions;
    } catch (RuntimeException e) {
      companions.close();
      throw e;
    }
  }

  /** The recipe's word on how the reference follows, over the method's. */
  private static Following reference(Recipe.Reference asked, Following method) {
    if (asked.syncEvery() == null && asked.syncShare() == null) return method;
    MovingReference own = method instanceof MovingReference moving ? moving : null;
    int every = asked.syncEvery() != null ? asked.syncEvery() : own == null ? 0 : own.tau();
    if (every == 0) return Following.FROZEN;
    double share = asked.syncShare() != null ? asked.syncShare() : own == null ? MovingReference.PUBLISHED.a() : own.a();
    return new MovingReference(share, every, own != null && own.beforeUpdate());
  }

  private void follow(Setup setup, String folder, Following following, Optional<Path> checkpoint) {
    Policy copy = checkpoint.isPresent() ? setup.load(checkpoint.get().resolve(folder)) : trained.copy();
    followers.add(new Follower(folder, copy, following));
  }

  private void restoreSamplers(Setup setup, Path folder) {
    try (Stream<Path> versions = Files.list(folder)) {
      for (Path version : versions.sorted().toList()) samplers.put(Integer.valueOf(version.getFileName().toString()), setup.load(version));
    } catch (IOException e) {
      throw new UncheckedIOException("the sampling policies in %s cannot be read: %s".formatted(folder, e.getMessage()), e);
    }
  }

  @Nullable Policy reference() {
    return follower(REFERENCE);
  }

  @Nullable Policy average() {
    return follower(AVERAGE);
  }

  private @Nullable Policy follower(String folder) {
    return followers.stream().filter(follower -> follower.folder.equals(folder)).map(Follower::policy).findFirst().orElse(null);
  }

  @Nullable Policy teacher() {
    return teacher;
  }

  @Nullable Policy weakTeacher() {
    return weakTeacher;
  }

  /** To be called once nothing of this step reads a companion any more, and before the trained policy moves. */
  void beforeUpdate(int step) {
    move(step, true);
  }

  /** To be called once the trained policy has moved. */
  void afterUpdate(int step) {
    move(step, false);
  }

  private void move(int step, boolean before) {
    for (Follower follower : followers) {
      if (follower.following.beforeUpdate() != before) continue;
      double share = follower.following.share(step);
      if (share > 0) follower.policy.lerp(trained, share);
    }
  }

  /** Keeps the policy as it is, if a method asks for it: answers are about to be sampled with it. */
  void sampling(int version) {
    if (keepsSamplers) samplers.computeIfAbsent(version, _ -> trained.copy());
  }

  /** The policy that sampled with that version. */
  Policy sampler(int version) {
    Policy sampler = samplers.get(version);
    if (sampler == null) throw new IllegalStateException("the policy of version %d was not kept".formatted(version));
    return sampler;
  }

  /** Lets go of the policies that sampled nothing which is still to be trained on. */
  void release(Set<Integer> stillToTrain) {
    samplers.entrySet().removeIf(sampler -> {
      if (stillToTrain.contains(sampler.getKey())) return false;
      sampler.getValue().close();
      return true;
    });
  }

  boolean keepsSamplers() {
    return keepsSamplers;
  }

  void save(Path checkpoint) throws IOException {
    for (Follower follower : followers) follower.policy.save(checkpoint.resolve(follower.folder));
    if (!keepsSamplers) return;
    Files.createDirectories(checkpoint.resolve(SAMPLERS));
    for (var sampler : samplers.entrySet()) sampler.getValue().save(checkpoint.resolve(SAMPLERS).resolve(String.valueOf(sampler.getKey())));
  }

  @Override public void close() {
    followers.forEach(follower -> follower.policy.close());
    samplers.values().forEach(Policy::close);
    if (teacher != null) teacher.close();
    if (weakTeacher != null) weakTeacher.close();
  }
}
