package io.ballast.cli;

import picocli.CommandLine.IVersionProvider;

/** Ballast's version as its jar states it, and the Java that runs it. */
final class Version implements IVersionProvider {

  static String number() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  @Override public String[] getVersion() {
    return new String[] {"ballast " + number() + " on Java " + Runtime.version()};
  }
}
