package org.tessera.sample.screens

import android.Manifest
import android.app.Activity
import android.content.pm.PackageManager
import android.graphics.ImageFormat
import android.graphics.Matrix
import android.graphics.RectF
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CaptureRequest
import android.media.ImageReader
import android.os.Handler
import android.os.HandlerThread
import android.os.Looper
import android.util.Size
import android.view.Surface
import android.view.TextureView
import java.nio.ByteBuffer
import org.tessera.sample.model.GreyPicture

/**
 * The back camera: its picture on the screen, and its grey plane, now and then, for who reads codes. Pictures stay in
 * memory and go nowhere else. Closed with the screen.
 */
internal class QrCamera private constructor(
    private val preview: TextureView,
    private val size: Size,
    private val wantsPicture: () -> Boolean,
    private val picture: (GreyPicture) -> Unit,
    private val failed: () -> Unit,
) : AutoCloseable {
    private val mainThread = Handler(Looper.getMainLooper())
    private val thread = HandlerThread("camera").apply { start() }
    private val handler = Handler(thread.looper)
    private val reader = ImageReader.newInstance(size.width, size.height, ImageFormat.YUV_420_888, 2)
    private var device: CameraDevice? = null
    private var isClosed = false

    init {
        reader.setOnImageAvailableListener({ deliver() }, handler)
    }

    override fun close() {
        isClosed = true
        preview.surfaceTextureListener = null
        device?.close()
        reader.close()
        thread.quitSafely()
    }

    private val opened = object : CameraDevice.StateCallback() {
        override fun onOpened(camera: CameraDevice) {
            device = camera
            if (isClosed) camera.close() else whenDrawable { begin(camera, it) }
        }

        override fun onDisconnected(camera: CameraDevice) = camera.close()

        override fun onError(camera: CameraDevice, error: Int) {
            camera.close()
            mainThread.post { failed() }
        }
    }

    private fun whenDrawable(act: (SurfaceTexture) -> Unit) {
        preview.surfaceTexture?.let { return act(it) }
        preview.surfaceTextureListener = object : TextureView.SurfaceTextureListener {
            override fun onSurfaceTextureAvailable(surface: SurfaceTexture, width: Int, height: Int) = act(surface)

            override fun onSurfaceTextureSizeChanged(surface: SurfaceTexture, width: Int, height: Int) = turn()

            override fun onSurfaceTextureDestroyed(surface: SurfaceTexture): Boolean = true

            override fun onSurfaceTextureUpdated(surface: SurfaceTexture) = Unit
        }
    }

    private fun begin(camera: CameraDevice, texture: SurfaceTexture) {
        texture.setDefaultBufferSize(size.width, size.height)
        turn()
        val targets = listOf(Surface(texture), reader.surface)
        val request = camera.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW).apply {
            targets.forEach(::addTarget)
            set(CaptureRequest.CONTROL_AF_MODE, CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_PICTURE)
        }
        val configured = object : CameraCaptureSession.StateCallback() {
            override fun onConfigured(session: CameraCaptureSession) {
                if (isClosed) return
                guarded { session.setRepeatingRequest(request.build(), null, handler) }
            }

            override fun onConfigureFailed(session: CameraCaptureSession) = failed()
        }
        guarded {
            @Suppress("DEPRECATION") // Its successor, SessionConfiguration, asks for the same on Android 9 and newer only.
            camera.createCaptureSession(targets, configured, mainThread)
        }
    }

    /** On the camera's thread. Only the first plane is read: brightness. */
    private fun deliver() {
        val image = reader.acquireLatestImage() ?: return
        val grey = image.use {
            if (!wantsPicture()) return
            val plane = it.planes[0]
            GreyPicture(packed(plane.buffer, plane.rowStride, it.width, it.height), it.width, it.height)
        }
        mainThread.post { if (!isClosed) picture(grey) }
    }

    /** The picture without what the camera puts at the end of its rows. */
    private fun packed(buffer: ByteBuffer, stride: Int, width: Int, height: Int): ByteArray {
        val luma = ByteArray(width * height)
        for (row in 0 until height) {
            buffer.position(row * stride)
            buffer.get(luma, row * width, width)
        }
        return luma
    }

    /** The view shows the camera's picture upright for a phone held upright, stretched over itself: fits and turns it. */
    private fun turn() {
        val (width, height) = preview.width.toFloat() to preview.height.toFloat()
        if (width == 0f || height == 0f) return
        val (long, short) = size.width.toFloat() to size.height.toFloat()
        val view = RectF(0f, 0f, width, height)
        val upright = RectF(0f, 0f, short, long)
        upright.offset(view.centerX() - upright.centerX(), view.centerY() - upright.centerY())
        val degrees = when (preview.display?.rotation) {
            Surface.ROTATION_90 -> -90f
            Surface.ROTATION_180 -> 180f
            Surface.ROTATION_270 -> 90f
            else -> 0f
        }
        val liesOnItsSide = degrees == 90f || degrees == -90f
        val scale = if (liesOnItsSide) minOf(width / long, height / short) else minOf(width / short, height / long)
        val matrix = Matrix()
        matrix.setRectToRect(view, upright, Matrix.ScaleToFit.FILL)
        matrix.postScale(scale, scale, view.centerX(), view.centerY())
        matrix.postRotate(degrees, view.centerX(), view.centerY())
        preview.setTransform(matrix)
    }

    private inline fun guarded(work: () -> Unit) = try {
        work()
    } catch (_: CameraAccessException) {
        failed()
    } catch (_: IllegalStateException) {
        // The camera was closed meanwhile.
        failed()
    }

    companion object {
        /** Large enough for a code at arm's length, small enough to be read several times a second. */
        private const val WIDTH = 1280
        private const val HEIGHT = 720

        /** Opens it; nothing, and [failed], where there is none. */
        fun open(
            activity: Activity,
            preview: TextureView,
            wantsPicture: () -> Boolean,
            picture: (GreyPicture) -> Unit,
            failed: () -> Unit,
        ): QrCamera? {
            if (activity.checkSelfPermission(Manifest.permission.CAMERA) != PackageManager.PERMISSION_GRANTED) return null
            val cameras = activity.getSystemService(CameraManager::class.java) ?: return null.also { failed() }
            return try {
                val id = backCamera(cameras) ?: return null.also { failed() }
                val camera = QrCamera(preview, sizeOf(cameras, id), wantsPicture, picture, failed)
                cameras.openCamera(id, camera.opened, camera.mainThread)
                camera
            } catch (_: CameraAccessException) {
                failed()
                null
            }
        }

        private fun backCamera(cameras: CameraManager): String? = cameras.cameraIdList.run {
            val back = CameraCharacteristics.LENS_FACING_BACK
            find { cameras.getCameraCharacteristics(it).get(CameraCharacteristics.LENS_FACING) == back } ?: firstOrNull()
        }

        private fun sizeOf(cameras: CameraManager, id: String): Size {
            val map = cameras.getCameraCharacteristics(id).get(CameraCharacteristics.SCALER_STREAM_CONFIGURATION_MAP)
            val sizes = map?.getOutputSizes(ImageFormat.YUV_420_888).orEmpty()
            return sizes.filter { it.width <= WIDTH && it.height <= HEIGHT }.maxByOrNull { it.width * it.height }
                ?: sizes.minByOrNull { it.width * it.height } ?: Size(WIDTH, HEIGHT)
        }
    }
}
