package io.ballast.sample;

/**
 * Whether {@link Vectors} can be used. They are written with the JDK's vector module, which is still an incubator: named on the command
 * line ({@code --add-modules jdk.incubator.vector}) it announces itself at every start, so it is loaded here, which takes {@code
 * --add-exports java.base/jdk.internal.module=ALL-UNNAMED}. Without either, sampling is right and slower: the plain loops stand beside
 * every use.
 */
final class Simd {
  private static final String MODULE = "jdk.incubator.vector";
  private static final boolean AVAILABLE = load();

  private Simd() {}

  static boolean available() {
    return AVAILABLE;
  }

  private static boolean load() {
    try {
      if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
        Class.forName("jdk.internal.module.Modules").getMethod("loadModule", String.class).invoke(null, MODULE);
      }
      return Vectors.wideEnough();
    } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
      return false; // another JDK, or a command line without the export
    }
  }
}
