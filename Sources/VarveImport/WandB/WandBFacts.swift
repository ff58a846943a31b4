import Varve

/// What W&B knows of a run besides its config.
enum WandBFacts {
    static func take(_ start: WandBRunStart, _ sink: any RunSink) {
        set("name", start.name, sink)
        set("note", start.notes, sink)
        set("group", start.group, sink)
        set("host", start.host, sink)
        set("wandb.id", start.id, sink)
        set("wandb.entity", start.entity, sink)
        set("wandb.project", start.project, sink)
        set("wandb.job_type", start.jobType, sink)
        set("wandb.sweep", start.sweep, sink)
        for tag in start.tags where !tag.isEmpty { sink.property("tags." + tag, true) }
        take(start.git, sink)
    }

    static func take(_ environment: WandBEnvironment, _ sink: any RunSink) {
        set("host", environment.host, sink)
        set("wandb.os", environment.os, sink)
        set("wandb.python", environment.python, sink)
        set("wandb.program", environment.program, sink)
        if !environment.args.isEmpty {
            sink.property("wandb.args", .json("\(JSONValue.array(environment.args.map { .string($0) }))"))
        }
        set("wandb.executable", environment.executable, sink)
        set("wandb.gpu", environment.gpuType, sink)
        if environment.gpuCount > 0 { sink.property("wandb.gpu_count", .int(Int64(environment.gpuCount))) }
        take(environment.git, sink)
    }

    private static func take(_ git: WandBGit, _ sink: any RunSink) {
        set("git.remote", git.remote, sink)
        set("git.commit", git.commit, sink)
    }

    private static func set(_ key: String, _ text: String, _ sink: any RunSink) {
        if !text.isEmpty { sink.property(key, .string(text)) }
    }
}
