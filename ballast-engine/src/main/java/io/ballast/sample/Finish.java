package io.ballast.sample;

/** Why a sample ended. */
public enum Finish {
  /** It wrote a stop token, which is its last token. */
  STOP,
  /** It reached the length limit. */
  LENGTH,
  /** The listener ended the generation; the sample can be taken up again with {@link Request#begun}. */
  INTERRUPTED
}
