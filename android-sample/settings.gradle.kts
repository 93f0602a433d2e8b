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

rootProject.name = "tessera-sample"
include(":app")

// The SDK of this repository in place of a published one: `org.tessera:wallet-android` is built from bindings/kotlin.
includeBuild("../bindings/kotlin")
