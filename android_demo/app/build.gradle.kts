plugins {
    alias(libs.plugins.android.application)
}

android {
    namespace = "dev.edgestyle.demo"
    compileSdk = libs.versions.compileSdk.get().toInt()

    defaultConfig {
        applicationId = "dev.edgestyle.demo"
        minSdk = libs.versions.minSdk.get().toInt()
        targetSdk = libs.versions.targetSdk.get().toInt()
        versionCode = 1
        versionName = "1.0"
    }

    // One APK for each kind of phone: libraries for all of them would be four times 12 MB.
    splits {
        abi {
            isEnable = true
            reset()
            include("arm64-v8a", "armeabi-v7a", "x86_64")
            isUniversalApk = false
        }
    }

    // Compressed libraries keep the arm64 APK under 25 MB. Uncompressed ones start without being unpacked first, and are
    // what an app bundle delivers: Google Play compresses the download either way.
    packaging {
        jniLibs.useLegacyPackaging = true
    }

    buildTypes {
        release {
            isMinifyEnabled = true
            isShrinkResources = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"), "proguard-rules.pro")
        }
    }

    androidResources {
        noCompress += listOf("onnx", "tflite")
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }
}

dependencies {
    implementation(project(":kit"))
}

// ./gradlew exportModels -Pedgestyle.python=../.venv/bin/python   puts all packs into the assets
val exportModels = tasks.register<Exec>("exportModels") {
    group = "edgestyle"
    description = "Export the packs into app/src/main/assets with export/android.py"
    workingDir = rootDir.parentFile
    commandLine(providers.gradleProperty("edgestyle.python").getOrElse("python3"), "export/android.py")
}

// A clone without models exports them first; one that has them builds without Python.
if (!file("src/main/assets/models/index.json").exists()) {
    tasks.matching { it.name == "preBuild" }.configureEach { dependsOn(exportModels) }
}
