package io.ballast.train;

import io.ballast.text.Tokenizer;

/**
 * Numbers the sentences of an answer token by token: a sentence ends after a token whose text ends with one of {@code . ! ? ;} or a
 * line break.
 */
record SentenceNumbers(Tokenizer tokenizer) {
  private static final String ENDS = ".!?;\n";

  double[] of(Trajectory trajectory) {
    int[] tokens = trajectory.tokens();
    double[] numbers = new double[tokens.length];
    int sentence = 0;
    for (int i = 0; i < tokens.length; i++) {
      numbers[i] = sentence;
      String text = tokenizer.decode(new int[] {tokens[i]});
      if (!text.isEmpty() && ENDS.indexOf(text.charAt(text.length() - 1)) >= 0) sentence++;
    }
    return numbers;
  }
}
