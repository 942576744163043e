import EdgeStyleKit
import Foundation
import Observation

/// A drawn camera frame on its way to the screen.
struct LivePicture: Sendable {
    let frame: PixelFrame
    /// The picture's part of the frame's square, from its upper left corner.
    let width: Int
    let height: Int
}

/// The live camera: takes frames, draws them, and measures how long that takes.
@MainActor
@Observable
final class LiveFeed {
    /// Side of the square that live pictures are drawn at.
    nonisolated static let side = 512

    private(set) var picture: LivePicture?
    private(set) var summary: LatencySummary?
    private(set) var framesPerSecond: Double?
    /// What keeps the camera from running; nil while it does.
    private(set) var trouble: CameraError?
    /// While true, frames are shown as the camera sees them.
    var showsOriginal = false
    let camera = Camera()

    private var meter = LatencyMeter()
    private let scaling = Scaling()
    private let clock = ContinuousClock()
    private let begin = ContinuousClock.now
    private var measured = ""  // which pack on which units
    private var runs = 0

    /// Start the camera and draw its frames until the task is cancelled.
    func run(_ studio: Studio) async {
        runs += 1
        let own = runs
        defer { if own == runs { camera.stop() } }  // a newer run needs it
        do {
            try await camera.start(studio.side)
            trouble = nil
        } catch let error as CameraError {
            trouble = error
            return
        } catch {
            trouble = .failed(error.localizedDescription)
            return
        }
        for await frame in camera.frames {
            if Task.isCancelled { break }
            await draw(frame, studio)
        }
    }

    /// Follow what stops the camera and lets it go on.
    func watch() async {
        for await now in camera.troubles { trouble = now }
    }

    private func draw(_ frame: PixelFrame, _ studio: Studio) async {
        do {
            let scaled = try await scaling.scale(frame, side: Self.side)
            guard let style = studio.style, !showsOriginal else {
                picture = LivePicture(frame: scaled.frame, width: scaled.width, height: scaled.height)
                meter.reset()
                return
            }
            let renderer = try await studio.renderer(longSide: Self.side)
            forget(unless: "\(studio.chosen?.pack ?? "") \(renderer.placement.used.rawValue)")
            let start = clock.now
            let drawn = try await renderer.render(scaled.frame, style: style, strength: studio.strength)
            measure(from: start)
            picture = LivePicture(frame: drawn, width: scaled.width, height: scaled.height)
        } catch {
            studio.notice = Messages.text(for: error)
        }
    }

    private func measure(from start: ContinuousClock.Instant) {
        let end = clock.now
        meter.add(milliseconds: (end - start).milliseconds, end: (end - begin).milliseconds / 1000)
        summary = meter.summary
        framesPerSecond = meter.framesPerSecond
    }

    /// Start measuring anew where something else is measured than before.
    private func forget(unless now: String) {
        if measured != now { meter.reset() }
        measured = now
    }
}

/// Brings frames to the model's square, off the main actor.
actor Scaling {
    private var scaler: FrameScaler?

    /// A frame in the square. Throws `RenderError`.
    func scale(_ frame: PixelFrame, side: Int) throws -> ScaledFrame {
        let known = try scaler ?? FrameScaler(side: side)
        scaler = known
        return try known.scale(frame)
    }
}

extension Duration {
    /// Milliseconds, with fractions.
    var milliseconds: Double {
        Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15
    }
}
