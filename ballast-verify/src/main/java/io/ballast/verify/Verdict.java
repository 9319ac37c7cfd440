package io.ballast.verify;

/** What a verifier found. Right, wrong, unanswered, unreadable gold and time-out are never folded into each other. */
public sealed interface Verdict {
  /** 0 to 1; partial credit only from verifiers that document it. */
  double score();

  /** What was read out of the answer; empty where nothing could be. */
  String extracted();

  /** Why, in one sentence. */
  String reason();

  record Right(String extracted, String reason) implements Verdict {
    @Override public double score() {
      return 1;
    }
  }

  /** @param score partial credit, below 1 */
  record Wrong(double score, String extracted, String reason) implements Verdict {
    public Wrong(String extracted, String reason) {
      this(0, extracted, reason);
    }
  }

  /** No answer could be read: never equal to anything, an unreadable gold included. */
  record Unanswered(String reason) implements Verdict {
    @Override public double score() {
      return 0;
    }

    @Override public String extracted() {
      return "";
    }
  }

  /** The expected answer itself cannot be read: the data is at fault, not the model. */
  record UnreadableGold(String reason) implements Verdict {
    @Override public double score() {
      return 0;
    }

    @Override public String extracted() {
      return "";
    }
  }

  record TimedOut(String extracted, String reason) implements Verdict {
    @Override public double score() {
      return 0;
    }
  }

  /** The name used in files and on the command line: {@code right}, {@code unreadable-gold}, … */
  default String label() {
    return switch (this) {
      case Right _ -> "right";
      case Wrong _ -> "wrong";
      case Unanswered _ -> "unanswered";
      case UnreadableGold _ -> "unreadable-gold";
      case TimedOut _ -> "timed-out";
    };
  }
}
