// Stand-ins for the members of VideoToolbox that the app uses; see CoreGraphics.swift.
import CoreVideo

@discardableResult
public func VTCreateCGImageFromCVPixelBuffer(
    _ buffer: CVPixelBuffer, options: CFDictionary?, imageOut: UnsafeMutablePointer<CGImage?>
) -> Int32 { 0 }
