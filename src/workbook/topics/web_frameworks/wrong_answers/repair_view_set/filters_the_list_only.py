# rejected by: hides_the_rows_of_others
# The list is filtered, the detail view looks everywhere.
def make_view_set(User):
    from rest_framework import mixins, serializers, viewsets
    from rest_framework.permissions import IsAuthenticated

    class UserSerializer(serializers.ModelSerializer):
        class Meta:
            model = User
            fields = ["id", "username", "email", "password"]
            read_only_fields = ["username"]
            extra_kwargs = {"password": {"write_only": True}}

        def update(self, user, data):
            password = data.pop("password", None)
            if password:
                user.set_password(password)
            return super().update(user, data)

    class UserViewSet(
        mixins.ListModelMixin,
        mixins.RetrieveModelMixin,
        mixins.UpdateModelMixin,
        viewsets.GenericViewSet,
    ):
        serializer_class = UserSerializer
        permission_classes = [IsAuthenticated]

        def get_queryset(self):
            if self.action == "list":
                return User.objects.filter(pk=self.request.user.pk)
            return User.objects.all()

    return UserViewSet
