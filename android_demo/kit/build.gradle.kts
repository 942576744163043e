plugins {
    alias(libs.plugins.android.library)
}

android {
    namespace = "dev.edgestyle.kit"
    compileSdk = libs.versions.compileSdk.get().toInt()

    defaultConfig {
        minSdk = libs.versions.minSdk.get().toInt()
        testInstrumentationRunner = "androidx.test.runner.AndroidJUnitRunner"
        consumerProguardFiles("consumer-rules.pro")
        buildConfigField("String", "LITERT_VERSION", "\"${libs.versions.litert.get()}\"")
    }

    buildFeatures {
        buildConfig = true
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }

    sourceSets {
        // the golden test runs the models that the app ships
        getByName("androidTest").assets.directories.add(rootDir.resolve("app/src/main/assets").path)
    }

    testOptions {
        unitTests.all { test ->
            test.systemProperty("edgestyle.vectors", rootDir.resolve("../tests/vectors").path)
        }
    }
}

dependencies {
    implementation(libs.onnxruntime.android)
    implementation(libs.litert)
    implementation(libs.litert.gpu)
    testImplementation(libs.junit)
    androidTestImplementation(libs.androidx.test.runner)
    androidTestImplementation(libs.androidx.test.junit)
}
