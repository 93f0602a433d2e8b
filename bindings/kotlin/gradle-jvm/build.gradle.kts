// The jar for desktops and tests: software keys in files. The Rust library is not in it: -Djna.library.path=target/debug.
import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    kotlin("jvm")
    `maven-publish`
}

val repository = file("../../..")
val generated = layout.buildDirectory.dir("generated/tessera/kotlin")

val cargo by tasks.registering(Exec::class) {
    description = "Builds the Rust library for this machine."
    workingDir = repository
    commandLine("cargo", "build", "--locked", "--package", "wallet-ffi")
    outputs.upToDateWhen { false }
}

val generateBindings by tasks.registering(Exec::class) {
    description = "Generates the Kotlin code from the library."
    dependsOn(cargo)
    workingDir = repository
    val library = repository.resolve("target/debug/${System.mapLibraryName("wallet_ffi")}")
    commandLine("bindings/generate.sh", "kotlin", library.path, generated.get().asFile.path)
    inputs.file(library)
    outputs.dir(generated)
}

kotlin {
    compilerOptions { jvmTarget = JvmTarget.JVM_17 }
    sourceSets["main"].kotlin.srcDirs("../src/main/kotlin", "../src/jvm/kotlin", generated)
}

java {
    sourceCompatibility = JavaVersion.VERSION_17
    targetCompatibility = JavaVersion.VERSION_17
}

tasks.named("compileKotlin") { dependsOn(generateBindings) }

dependencies {
    api("net.java.dev.jna:jna:5.17.0")
    api("org.jetbrains.kotlinx:kotlinx-coroutines-core:1.10.2")
}

publishing {
    publications {
        register<MavenPublication>("release") {
            artifactId = "wallet-jvm"
            from(components["java"])
        }
    }
    repositories { maven(layout.buildDirectory.dir("repository")) { name = "local" } }
}
