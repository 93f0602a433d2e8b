// The AAR. Needs the Android SDK (35), its NDK (r28 or newer), rustup's targets and cargo-ndk 4:
//   rustup target add aarch64-linux-android armv7-linux-androideabi x86_64-linux-android
//   cargo install cargo-ndk --version 4.1.2 --locked
import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    id("com.android.library")
    kotlin("android")
    `maven-publish`
}

val repository = file("../../..")
val sources = file("../src")
val generated = layout.buildDirectory.dir("generated/tessera/kotlin").get().asFile
val libraries = layout.buildDirectory.dir("generated/tessera/jniLibs").get().asFile

/** libwallet_ffi.so for the phones in use and for the emulator. */
val cargoNdk by tasks.registering(Exec::class) {
    description = "Builds the Rust library for three ABIs."
    workingDir = repository
    // 16 KiB pages (Android 15): every segment begins on one. The NDK does so from r28 on; said here for older ones.
    for (target in listOf("AARCH64_LINUX_ANDROID", "ARMV7_LINUX_ANDROIDEABI", "X86_64_LINUX_ANDROID")) {
        environment("CARGO_TARGET_${target}_RUSTFLAGS", "-Clink-arg=-Wl,-z,max-page-size=16384")
    }
    environment("CARGO_NDK_PLATFORM", "26")
    commandLine(
        "cargo", "ndk", "-t", "arm64-v8a", "-t", "armeabi-v7a", "-t", "x86_64", "-o", libraries.path,
        "build", "--locked", "--package", "wallet-ffi", "--profile", "mobile",
    )
    // Cargo knows what is up to date.
    outputs.upToDateWhen { false }
    outputs.dir(libraries)
}

/** The code over it: from the library as built, with its symbols. */
val generateBindings by tasks.registering(Exec::class) {
    description = "Generates the Kotlin code from the library."
    dependsOn(cargoNdk)
    workingDir = repository
    val library = repository.resolve("target/aarch64-linux-android/mobile/libwallet_ffi.so")
    commandLine("bindings/generate.sh", "kotlin", library.path, generated.path)
    inputs.files(cargoNdk)
    outputs.dir(generated)
}

android {
    namespace = "org.tessera.wallet"
    compileSdk = 35

    defaultConfig {
        minSdk = 26
        consumerProguardFiles(sources.resolve("android/consumer-rules.pro"))
    }

    sourceSets["main"].apply {
        manifest.srcFile(sources.resolve("android/AndroidManifest.xml"))
        kotlin.srcDirs(sources.resolve("main/kotlin"), sources.resolve("android/kotlin"), generated)
        jniLibs.srcDirs(libraries)
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }

    lint {
        // What is newer than minSdk must be asked for first.
        fatal += "NewApi"
        abortOnError = true
    }

    publishing {
        singleVariant("release") { withSourcesJar() }
    }
}

kotlin {
    compilerOptions { jvmTarget = JvmTarget.JVM_17 }
}

// Compiling, lint, sources and the libraries' packing all come after it.
tasks.named("preBuild") { dependsOn(generateBindings) }

dependencies {
    // 5.17 is the first whose own library stands 16 KiB pages (java-native-access/jna#1647).
    api("net.java.dev.jna:jna:5.17.0@aar")
    api("org.jetbrains.kotlinx:kotlinx-coroutines-core:1.10.2")
}

publishing {
    publications {
        register<MavenPublication>("release") {
            artifactId = "wallet-android"
            afterEvaluate { from(components["release"]) }
            pom {
                name = "The wallet of Tessera for Android"
                description = "Binds a phone to a server and logs in by QR code, with keys of the Android Keystore."
                licenses {
                    license {
                        name = "Apache-2.0"
                        url = "https://www.apache.org/licenses/LICENSE-2.0"
                    }
                    license {
                        name = "MIT"
                        url = "https://opensource.org/license/mit"
                    }
                }
            }
        }
    }
    // A folder to look at; add your own repository.
    repositories { maven(layout.buildDirectory.dir("repository")) { name = "local" } }
}
