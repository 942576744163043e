#if canImport(AVFoundation) && !os(macOS)
    @preconcurrency import AVFoundation

    /// Which of a phone's cameras.
    public enum CameraSide: String, Sendable, CaseIterable {
        case back, front

        var position: AVCaptureDevice.Position { self == .back ? .back : .front }
    }

    /// A phone's camera as a sequence of frames: `for await frame in camera.frames`.
    ///
    /// Frames that nobody has taken when the next one comes are dropped, so a slow model never runs behind.
    public final class Camera: NSObject, @unchecked Sendable {
        // All of the session is touched on `queue` alone, which is why this class may be Sendable.
        private let queue = DispatchQueue(label: "dev.edgestyle.camera")
        private let session = AVCaptureSession()
        private let video = AVCaptureVideoDataOutput()
        private let photo = AVCapturePhotoOutput()
        private var input: AVCaptureDeviceInput?
        private var captures: [Int64: PhotoCapture] = [:]
        private var observers: [any NSObjectProtocol] = []
        private var degrees = (preview: 90.0, photo: 90.0)
        private let frameSink = Broadcast<PixelFrame>(newest: 1)
        private let troubleSink = Broadcast<CameraError?>(newest: 4)

        /// Frames of B,G,R,A from now on; those of the front camera mirrored.
        public var frames: AsyncStream<PixelFrame> { frameSink.stream() }
        /// What stops the camera while it runs; nil when it goes on.
        public var troubles: AsyncStream<CameraError?> { troubleSink.stream() }

        override public init() {
            super.init()
            observe()
        }

        deinit {
            for observer in observers { NotificationCenter.default.removeObserver(observer) }
        }

        /// Ask for the camera if nobody was asked before. Throws `CameraError.refused` or `.restricted`.
        public static func authorise() async throws {
            switch AVCaptureDevice.authorizationStatus(for: .video) {
            case .authorized: return
            case .notDetermined:
                guard await AVCaptureDevice.requestAccess(for: .video) else { throw CameraError.refused }
            case .restricted: throw CameraError.restricted
            default: throw CameraError.refused
            }
        }

        /// Start a camera, in place of the one that runs. Throws `CameraError`.
        public func start(_ side: CameraSide) async throws {
            try await Self.authorise()
            try await onQueue { try self.configure(side) }
        }

        /// Stop, such as when the app goes to the background.
        public func stop() {
            queue.async { if self.session.isRunning { self.session.stopRunning() } }
        }

        /// How far pictures are turned clockwise, degrees.
        ///
        /// - Parameters:
        ///   - preview: of frames, for how the app's window is turned; 90 where that is always upright.
        ///   - photo: of photos, for how the phone is held.
        public func setRotation(preview: Double, photo: Double) {
            queue.async {
                self.degrees = (preview, photo)
                self.rotate()
            }
        }

        /// Take a photo at the camera's full resolution.
        ///
        /// - Returns: the file, as the camera writes it.
        /// - Throws: `CameraError`.
        public func takePhoto() async throws -> Data {
            try await withCheckedThrowingContinuation { continuation in
                queue.async { self.capture(continuation) }
            }
        }

        private func onQueue(_ work: @escaping @Sendable () throws -> Void) async throws {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                queue.async { continuation.resume(with: Result { try work() }) }
            }
        }

        private func configure(_ side: CameraSide) throws {
            guard
                let device = AVCaptureDevice.default(.builtInWideAngleCamera, for: .video, position: side.position)
            else { throw CameraError.missing }
            let next: AVCaptureDeviceInput
            do {
                next = try AVCaptureDeviceInput(device: device)
            } catch {
                throw CameraError.failed(error.localizedDescription)
            }
            session.beginConfiguration()
            session.sessionPreset = .photo
            session.automaticallyConfiguresCaptureDeviceForWideColor = false  // models take sRGB
            if let input { session.removeInput(input) }
            input = nil
            guard session.canAddInput(next) else {
                session.commitConfiguration()
                throw CameraError.busy
            }
            session.addInput(next)
            input = next
            addOutputs()
            mirror(side == .front)
            rotate()
            session.commitConfiguration()
            setPhotoSize(device)
            if !session.isRunning { session.startRunning() }
            guard session.isRunning else { throw CameraError.busy }
        }

        private func addOutputs() {
            if session.outputs.isEmpty {
                video.videoSettings = [kCVPixelBufferPixelFormatTypeKey as String: kCVPixelFormatType_32BGRA]
                video.alwaysDiscardsLateVideoFrames = true
                video.setSampleBufferDelegate(self, queue: queue)
                if session.canAddOutput(video) { session.addOutput(video) }
                if session.canAddOutput(photo) { session.addOutput(photo) }
            }
        }

        /// Photos as large as the format allows, which is known once the session is configured.
        private func setPhotoSize(_ device: AVCaptureDevice) {
            let sizes = device.activeFormat.supportedMaxPhotoDimensions
            if let largest = sizes.max(by: { Int($0.width) * Int($0.height) < Int($1.width) * Int($1.height) }) {
                photo.maxPhotoDimensions = largest
            }
        }

        private func mirror(_ mirrored: Bool) {
            guard let connection = video.connection(with: .video), connection.isVideoMirroringSupported else { return }
            connection.automaticallyAdjustsVideoMirroring = false
            connection.isVideoMirrored = mirrored
        }

        private func rotate() {
            let wanted = [
                (video.connection(with: .video), degrees.preview), (photo.connection(with: .video), degrees.photo),
            ]
            for (connection, angle) in wanted {
                guard let connection, connection.isVideoRotationAngleSupported(CGFloat(angle)) else { continue }
                connection.videoRotationAngle = CGFloat(angle)
            }
        }

        private func capture(_ continuation: CheckedContinuation<Data, any Error>) {
            // without a connection that is active, capturing would end the app
            guard session.isRunning, let connection = photo.connection(with: .video), connection.isActive,
                connection.isEnabled
            else {
                continuation.resume(throwing: CameraError.failed("it is not running"))
                return
            }
            let settings = AVCapturePhotoSettings()
            settings.maxPhotoDimensions = photo.maxPhotoDimensions
            let id = settings.uniqueID
            let capture = PhotoCapture { result in
                continuation.resume(with: result)
                self.queue.async { self.captures[id] = nil }
            }
            captures[id] = capture
            photo.capturePhoto(with: settings, delegate: capture)
        }

        private func observe() {
            let center = NotificationCenter.default
            let sink = troubleSink
            observers.append(
                center.addObserver(forName: AVCaptureSession.wasInterruptedNotification, object: session, queue: nil) {
                    note in
                    let reason = note.userInfo?[AVCaptureSessionInterruptionReasonKey] as? Int
                    let busy = AVCaptureSession.InterruptionReason.videoDeviceInUseByAnotherClient.rawValue
                    sink.send(reason == busy ? .busy : .failed("it was interrupted"))
                })
            observers.append(
                center.addObserver(forName: AVCaptureSession.interruptionEndedNotification, object: session, queue: nil)
                { _ in
                    sink.send(nil)
                })
            observers.append(
                center.addObserver(forName: AVCaptureSession.runtimeErrorNotification, object: session, queue: nil) {
                    note in
                    let error = note.userInfo?[AVCaptureSessionErrorKey] as? NSError
                    sink.send(.failed(error?.localizedDescription ?? "unknown error"))
                })
        }
    }

    extension Camera: AVCaptureVideoDataOutputSampleBufferDelegate {
        public func captureOutput(
            _ output: AVCaptureOutput, didOutput sampleBuffer: CMSampleBuffer, from connection: AVCaptureConnection
        ) {
            guard let buffer = CMSampleBufferGetImageBuffer(sampleBuffer) else { return }
            frameSink.send(PixelFrame(buffer))
        }
    }

    /// Waits for one photo; `done` is called once, whether there is one or not.
    private final class PhotoCapture: NSObject, AVCapturePhotoCaptureDelegate {
        private let done: (Result<Data, any Error>) -> Void
        private var result: Result<Data, any Error>?

        init(done: @escaping (Result<Data, any Error>) -> Void) { self.done = done }

        func photoOutput(
            _ output: AVCapturePhotoOutput, didFinishProcessingPhoto photo: AVCapturePhoto, error: (any Error)?
        ) {
            if let error {
                result = .failure(CameraError.failed(error.localizedDescription))
            } else if let data = photo.fileDataRepresentation() {
                result = .success(data)
            }
        }

        /// The last that is heard of a capture, also of one that gives no photo.
        func photoOutput(
            _ output: AVCapturePhotoOutput, didFinishCaptureFor settings: AVCaptureResolvedPhotoSettings,
            error: (any Error)?
        ) {
            let reason = error?.localizedDescription ?? "the photo is empty"
            done(result ?? .failure(CameraError.failed(reason)))
        }
    }
#endif
