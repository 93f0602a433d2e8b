// The Kotlin package for app developers: an AAR for Android, a jar for desktops and tests. The project's own tests do not use
// Gradle (test.sh): Google's repository and the NDK are not to be had everywhere.
pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositoriesMode = RepositoriesMode.FAIL_ON_PROJECT_REPOS
    repositories {
        google()
        mavenCentral()
    }
}

rootProject.name = "tessera-wallet"
include(":wallet-android", ":wallet-jvm")
project(":wallet-android").projectDir = file("gradle-android")
project(":wallet-jvm").projectDir = file("gradle-jvm")
