package com.google.ai.edge.litert;

public enum Accelerator { CPU, GPU }
