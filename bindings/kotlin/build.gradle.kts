plugins {
    id("com.android.library") version "8.13.0" apply false
    kotlin("android") version "2.4.20" apply false
    kotlin("jvm") version "2.4.20" apply false
}

// One version for the whole project: that of the Cargo workspace.
val projectVersion = file("../../Cargo.toml").readLines()
    .dropWhile { it != "[workspace.package]" }
    .first { it.startsWith("version") }
    .substringAfter('"').substringBefore('"')

allprojects {
    group = "org.tessera"
    version = projectVersion
}
