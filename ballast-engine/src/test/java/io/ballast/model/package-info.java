@NullMarked
package io.ballast.model;

import org.jspecify.annotations.NullMarked;
