package io.ballast.tensor;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * A block of native lifetime: every tensor born on this thread while the scope is the innermost one dies when it closes.
 *
 * <p>The garbage collector does not see native size, so a forgotten scope is a leak: each public operation of this module opens its
 * own. A scope belongs to the thread that opened it, scopes close in reverse order of opening, and closing one twice throws, because
 * it is a bug. A tensor that has died throws when it is used.
 */
public final class Scope implements AutoCloseable {
  private static final ThreadLocal<Scope> INNERMOST = new ThreadLocal<>();

  private final String name;
  private final Scope outer;
  private final Thread owner = Thread.currentThread();
  private final PointerScope pointers = new PointerScope();
  private boolean closed;

  @SuppressWarnings("NullAway") // the outermost scope has no outer one
  private Scope(String name) {
    this.name = name;
    this.outer = INNERMOST.get();
    INNERMOST.set(this);
  }

  /** Opens a scope; {@code name} appears in messages about its misuse. */
  public static Scope open(String name) {
    return new Scope(name);
  }

  /** Lets a value of this scope live on in the scope around it, or until it is released by hand if there is none. */
  public <P extends Pointer> P yield(P value) {
    check();
    if (outer != null) outer.pointers.attach(value);
    else value.retainReference();
    return value;
  }

  /** Takes a value out of all scopes: its owner must call {@link #release} on it. */
  public static <P extends Pointer> P own(P value) {
    value.retainReference();
    return value;
  }

  /** Gives up a value taken with {@link #own}; its memory is returned at once. */
  public static void release(Pointer value) {
    value.releaseReference();
  }

  @Override public void close() {
    check();
    if (INNERMOST.get() != this) {
      throw new IllegalStateException("scope '%s' closed before the scope '%s' inside it".formatted(name, INNERMOST.get().name));
    }
    closed = true;
    if (outer == null) INNERMOST.remove();
    else INNERMOST.set(outer);
    pointers.close();
  }

  private void check() {
    if (closed) throw new IllegalStateException("scope '" + name + "' is already closed");
    if (Thread.currentThread() != owner) {
      throw new IllegalStateException("scope '%s' belongs to thread %s, used from %s".formatted(
          name, owner.getName(), Thread.currentThread().getName()));
    }
  }
}
